#include "app/serve/service_manager.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "app/demo/demo_folder.hpp"
#include "test/app/serve/notify_socket.hpp"

namespace wrapup {
namespace {

std::string abstract_name() { return "@wrapup-test-" + std::to_string(getpid()); }

class ManagerVariables : public testing::Test {
protected:
    ManagerVariables() { unset(); }
    ~ManagerVariables() override { unset(); }
    static void unset() {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    }
    static void set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }
};

TEST(ServiceManager, hears_at_a_path_and_at_an_abstract_name) {
    const DemoFolder folder{"wrapup-notify"};
    for (const std::string& name : {(folder.path() / "socket").string(), abstract_name()}) {
        const NotifySocket socket(name);
        const ServiceManager manager(name, seconds{1});
        manager.tell("READY=1\nSTATUS=ready");
        EXPECT_EQ(socket.next(), "READY=1\nSTATUS=ready") << name;
        EXPECT_EQ(socket.next(milliseconds{20}), "");
    }
}

TEST(ServiceManager, that_is_away_or_has_an_impossible_name_is_told_nothing) {
    ServiceManager().tell("READY=1");
    ServiceManager("/nonexistent/socket", {}).tell("READY=1");
    ServiceManager(std::string(200, 'x'), {}).tell("READY=1");
    EXPECT_FALSE(ServiceManager().exists());
}

TEST_F(ManagerVariables, say_where_it_listens_and_how_patient_it_is) {
    EXPECT_FALSE(ServiceManager::of_environment().exists());
    const NotifySocket socket(abstract_name());
    set("NOTIFY_SOCKET", abstract_name());
    EXPECT_EQ(ServiceManager::of_environment().patience(), milliseconds{0});
    set("WATCHDOG_USEC", "60000000");
    EXPECT_EQ(ServiceManager::of_environment().patience(), seconds{60});
    set("WATCHDOG_PID", std::to_string(getpid()));
    EXPECT_EQ(ServiceManager::of_environment().patience(), seconds{60});
    ServiceManager::of_environment().tell("WATCHDOG=1");
    EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

TEST_F(ManagerVariables, of_another_process_or_without_a_number_are_no_watchdog) {
    set("WATCHDOG_USEC", "60000000");
    set("WATCHDOG_PID", std::to_string(getpid() + 1));
    EXPECT_EQ(ServiceManager::of_environment().patience(), milliseconds{0});
    unsetenv("WATCHDOG_PID");
    set("WATCHDOG_USEC", "60s");
    EXPECT_EQ(ServiceManager::of_environment().patience(), milliseconds{0});
}

}  // namespace
}  // namespace wrapup
