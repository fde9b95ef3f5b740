// TLS, through stunnel in front of the server: nx-27017 speaks none itself.

#include <fstream>

#include "adapters/mongo/metadata.hpp"
#include "test/metadata_find.hpp"
#include "test/mongo/world.hpp"

namespace wrapup {
namespace {

using test::Dialler;
using test::settings_of;
using Kind = MetadataAnswer::Kind;

void run(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;  // NOLINT: words of our own only.
}

class MongoTls : public testing::Test {
protected:
    MongoTls() {
        make_authority("ours");
        make_authority("foreign");
        make_certificate();
        write_configuration();
        terminator.start({"stunnel4", folder + "/stunnel.conf"});
        test::wait_until_accepting(port);
        Dialler{server.uri() + "/admin"}.write("d", "calls",
                                               R"([{"callSid":"CA1","contactName":"Ann"}])");
    }

    void make_authority(const std::string& name) {
        run("openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj '/CN=" + name + "' -keyout " +
            folder + "/" + name + ".key -out " + folder + "/" + name + ".pem 2>/dev/null");
    }

    void make_certificate() {
        const std::string base = folder + "/server";
        std::ofstream(base + ".ext") << "subjectAltName=DNS:localhost\n";
        run("openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout " + base +
            ".key -out " + base + ".csr 2>/dev/null");
        run("openssl x509 -req -days 1 -in " + base + ".csr -CA " + folder + "/ours.pem -CAkey " +
            folder + "/ours.key -CAcreateserial -extfile " + base + ".ext -out " + base +
            ".pem 2>/dev/null");
    }

    void write_configuration() const {
        std::ofstream(folder + "/stunnel.conf")
            << "foreground = quiet\npid =\nsyslog = no\n[mongo]\naccept = 127.0.0.1:" << port
            << "\nconnect = 127.0.0.1:" << server.port() << "\ncert = " << folder
            << "/server.pem\nkey = " << folder << "/server.key\n";
    }

    MetadataAnswer ask(const std::string& host, const std::string& options) {
        MongoMetadata metadata{settings_of("mongodb://" + host + ":" + std::to_string(port) +
                                           "/d?" + options + "&serverSelectionTimeoutMS=1500"),
                               {},
                               clock};
        return find_one(metadata, {"CA1", "", ""});
    }

    test::NxServer server;
    test::ScratchFolder scratch;
    std::string folder = scratch.path().string();
    std::uint16_t port = test::free_port();
    test::Child terminator;
    test::TestClock clock;
};

TEST_F(MongoTls, is_verified_against_the_authority_and_the_name) {
    const MetadataAnswer trusted = ask("localhost", "tls=true&tlsCAFile=" + folder + "/ours.pem");
    EXPECT_EQ(trusted.kind, Kind::found) << trusted.detail;
    EXPECT_EQ(trusted.metadata.name, "Ann");

    EXPECT_EQ(ask("localhost", "tls=true&tlsCAFile=" + folder + "/foreign.pem").kind, Kind::away);
    EXPECT_EQ(ask("127.0.0.1", "tls=true&tlsCAFile=" + folder + "/ours.pem").kind, Kind::away);
    EXPECT_EQ(ask("localhost", "tls=true").kind, Kind::away);
    EXPECT_EQ(ask("localhost", "tls=false").kind, Kind::away);
    EXPECT_EQ(ask("localhost", "tls=true&tlsCAFile=" + folder + "/no-such.pem").kind, Kind::away);
}

}  // namespace
}  // namespace wrapup
