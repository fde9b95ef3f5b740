#include "adapters/curl/address_guard.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

struct Row {
    const char* address;
    bool is_private;
};

constexpr Row rows[] = {
    {"0.0.0.0", true},
    {"9.255.255.255", false},
    {"10.0.0.1", true},
    {"11.0.0.0", false},
    {"100.63.255.255", false},
    {"100.64.0.1", true},
    {"100.100.100.200", true},
    {"100.127.255.255", true},
    {"100.128.0.0", false},
    {"127.0.0.1", true},
    {"127.255.255.254", true},
    {"169.254.169.254", true},
    {"169.253.0.1", false},
    {"172.15.255.255", false},
    {"172.16.0.1", true},
    {"172.31.255.255", true},
    {"172.32.0.0", false},
    {"192.0.0.192", true},
    {"192.168.1.1", true},
    {"192.169.0.1", false},
    {"198.18.0.1", true},
    {"198.20.0.1", false},
    {"203.0.113.9", true},
    {"224.0.0.1", true},
    {"240.0.0.1", true},
    {"255.255.255.255", true},
    {"8.8.8.8", false},
    {"93.184.216.34", false},
    {"::", true},
    {"::1", true},
    {"::127.0.0.1", true},
    {"::ffff:10.1.2.3", true},
    {"::ffff:169.254.169.254", true},
    {"::ffff:8.8.8.8", false},
    {"::ffff:0:127.0.0.1", true},
    {"64:ff9b::127.0.0.1", true},
    {"64:ff9b::a9fe:a9fe", true},
    {"64:ff9b::8.8.8.8", false},
    {"64:ff9b:1::10.0.0.1", true},
    {"2002:7f00:1::", true},
    {"2002:a9fe:a9fe::1", true},
    {"2002:808:808::1", false},
    {"2001::1", true},
    {"2001:db8::1", true},
    {"fc00::1", true},
    {"fdff:ffff::1", true},
    {"fe00::1", true},
    {"100::1", true},
    {"100:0:0:1::1", true},
    {"5f00::1", true},
    {"4000::1", true},
    {"2001:1::1", true},
    {"2001:2::1", true},
    {"2001:20::1", true},
    {"2001:1ff:ffff::1", true},
    {"2001:200::1", false},
    {"2620:4f:8000::1", true},
    {"2620:4f:8001::1", false},
    {"3fff::1", true},
    {"3fff:fff:ffff::1", true},
    {"3fff:1000::1", false},
    {"3ffe:ffff::1", false},
    {"192.31.196.1", true},
    {"192.52.193.1", true},
    {"192.88.99.1", true},
    {"192.175.48.1", true},
    {"192.175.49.1", false},
    {"fe80::1", true},
    {"febf::1", true},
    {"fec0::1", true},
    {"ff02::1", true},
    {"2606:4700:4700::1111", false},
    {"[::1]", true},
    {"fe80::1%eth0", true},
};

TEST(AddressGuard, judges_every_range_by_its_edges) {
    for (const Row& row : rows) {
        EXPECT_EQ(is_private_literal(row.address), std::optional(row.is_private)) << row.address;
    }
}

// What a proxy would resolve for us: judged by its spelling, whatever the spelling.
TEST(AddressGuard, judges_a_host_by_its_name_in_every_spelling) {
    for (const char* const host : {"localhost",
                                   "LocalHost",
                                   "localhost.",
                                   "localhost..",
                                   "a.localhost.",
                                   "127.1",
                                   "127.0.1",
                                   "0x7f000001",
                                   "0X7F.1",
                                   "2130706433",
                                   "017700000001",
                                   "0177.0.0.1",
                                   "127.0.0.1.",
                                   "0",
                                   "[::1]",
                                   "[::ffff:127.0.0.1]",
                                   "[::ffff:7f00:1]",
                                   "[64:ff9b::7f00:1]",
                                   "[2002:7f00:1::]",
                                   "10.1",
                                   "192.168.257",
                                   "169.254.43518",
                                   "metadata.google.internal",
                                   "printer.local.",
                                   "router.lan",
                                   "crm",
                                   "crm.",
                                   "",
                                   ".",
                                   "\xE2\x93\x9Bocalhost",
                                   "localhost.localdomain",
                                   "nas.home.arpa"}) {
        EXPECT_TRUE(is_private_host(host)) << host;
    }
    for (const char* const host :
         {"crm.example.com", "crm.example.com.", "8.8.8.8", "8.8.8.8.", "134744072", "0x08080808",
          "[2606:4700:4700::1111]", "fade.de", "localhost.example.com", "xn--bcher-kva.example"}) {
        EXPECT_FALSE(is_private_host(host)) << host;
    }
}

TEST(AddressGuard, a_name_is_no_literal) {
    for (const char* const name : {"localhost", "crm.example.com", "", "10.0.0", "[", "[]"}) {
        EXPECT_EQ(is_private_literal(name), std::nullopt) << name;
    }
}

}  // namespace
}  // namespace wrapup
