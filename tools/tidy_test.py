#!/usr/bin/env python3
"""Each rule of tools/tidy.py against code that breaks it and code that does not."""

import pathlib
import unittest

import tidy

HEAD = "#pragma once\n"


def findings(path, text):
    return [rule for _, rule in tidy.check(pathlib.Path(path), text)]


def in_body(statement):
    return "Task<void> f() {\n    " + statement + "\n}\n"


class Floors(unittest.TestCase):
    def test_includes_point_down(self):
        for path, target, is_fine in [
            ("src/service/a.cpp", "ports/store.hpp", True),
            ("src/service/a.cpp", "adapters/curl/http.hpp", False),
            ("src/service/a.cpp", "http/server/server.hpp", False),
            ("src/domain/a.cpp", "codec/bytes/form.hpp", False),
            ("src/core/a.cpp", "ports/clock.hpp", False),
            ("src/ports/a.cpp", "core/settle/fold.hpp", False),
            ("src/adapters/twilio/a.cpp", "adapters/twilio/b.hpp", True),
            ("src/adapters/twilio/a.cpp", "adapters/curl/b.hpp", False),
            ("src/adapters/twilio/a.cpp", "codec/bytes/digest.hpp", True),
            ("src/adapters/sqlite/a.cpp", "core/store/store_rules.hpp", True),
            ("src/adapters/sqlite/a.cpp", "adapters/sql/rows.hpp", True),
            ("src/adapters/sql/a.hpp", "adapters/sqlite/handle.hpp", False),
            ("src/adapters/mongo/a.cpp", "adapters/sql/rows.hpp", False),
            ("src/http/a.cpp", "service/intake/intake.hpp", True),
            ("src/http/a.cpp", "app/config/settings.hpp", False),
            ("src/app/a.cpp", "sim/world.hpp", True),
            ("src/codec/a.cpp", "sim/world.hpp", False),
            ("src/app/a.cpp", "test/helper.hpp", False),
            ("sim/a.cpp", "service/settler/settler.hpp", True),
            ("sim/a.cpp", "adapters/sqlite/store.hpp", False),
            ("test/store/a.cpp", "adapters/sqlite/store.hpp", True),
            ("fuzz/a.cpp", "codec/bytes/form.hpp", True),
            ("src/http/a.cpp", "server.hpp", False),
        ]:
            with self.subTest(path=path, target=target):
                self.assertEqual(findings(path, f'#include "{target}"\n') == [], is_fine)

    def test_rooms_of_one_floor_see_what_is_said(self):
        for path, target, is_fine in [
            ("src/http/api/a.cpp", "http/api/b.hpp", True),
            ("src/http/api/a.cpp", "http/server/message.hpp", True),
            ("src/http/webhooks/a.cpp", "http/server/message.hpp", True),
            ("src/http/api/a.cpp", "http/webhooks/b.hpp", False),
            ("src/http/webhooks/a.cpp", "http/api/b.hpp", False),
            ("src/http/server/a.cpp", "http/api/b.hpp", False),
            ("src/app/cli/a.cpp", "app/doctor/doctor.hpp", True),
            ("src/app/doctor/a.cpp", "app/cli/cli.hpp", False),
            ("src/app/doctor/a.cpp", "app/demo/demo.hpp", False),
            ("src/app/demo/a.cpp", "app/config/settings.hpp", False),
            ("src/app/config/a.cpp", "app/serve/house.hpp", False),
            ("src/service/settler/a.cpp", "service/courier/courier.hpp", True),
            ("src/service/courier/a.cpp", "service/settler/settler.hpp", False),
            ("src/service/tasks/a.hpp", "service/commit/group_commit.hpp", False),
            ("src/codec/twilio/a.cpp", "codec/json/json_value.hpp", True),
            ("src/codec/twilio/a.cpp", "codec/elevenlabs/b.hpp", False),
            ("test/app/cli/a.cpp", "test/app/test_server.hpp", True),
        ]:
            with self.subTest(path=path, target=target):
                text = HEAD + f'#include "{target}"\n'
                self.assertEqual(findings(path, text) == [], is_fine)

    def test_a_floors_own_folder_sees_its_rooms_and_is_seen_by_none(self):
        self.assertEqual(findings("src/http/a.cpp", '#include "http/api/b.hpp"\n'), [])
        self.assertEqual(findings("src/http/a.cpp", '#include "http/b.hpp"\n'), [])
        self.assertTrue(findings("src/http/api/a.cpp", '#include "http/http_front.hpp"\n'))
        self.assertTrue(findings("src/service/intake/a.cpp",
                                 '#include "service/call_service.hpp"\n'))

    def test_a_floor_may_see_single_rooms_of_another(self):
        for path, target, is_fine in [
            ("src/import/a.cpp", "adapters/mongo/walk.hpp", True),
            ("src/import/a.cpp", "adapters/files/small_file.hpp", True),
            ("src/import/a.cpp", "adapters/sqlite/store.hpp", False),
            ("src/import/a.cpp", "service/intake/metadata_import.hpp", True),
            ("src/import/a.cpp", "http/api/api_input.hpp", False),
            ("src/import/a.cpp", "app/cli/cli.hpp", False),
            ("src/http/api/a.cpp", "import/import_csv.hpp", False),
            ("src/app/cli/a.cpp", "import/import_csv.hpp", True),
            ("sandbox/a.cpp", "http/server/server.hpp", True),
            ("sandbox/a.cpp", "http/api/api_routes.hpp", False),
        ]:
            with self.subTest(path=path, target=target):
                self.assertEqual(findings(path, f'#include "{target}"\n') == [], is_fine)

    def test_an_unknown_folder_is_named(self):
        self.assertTrue(findings("src/helpers/a.cpp", "int x;\n"))
        self.assertTrue(findings("src/app/helpers/a.cpp", "int x;\n"))
        self.assertEqual(findings("src/adapters/postgres/a.cpp", "int x;\n"), [])


class Purity(unittest.TestCase):
    def test_pure_floors_know_no_outside(self):
        for line in ["#include <boost/json.hpp>", "#include <thread>", "#include <iostream>",
                     "auto t = std::chrono::system_clock::now();", "int x = rand();",
                     'auto e = getenv("HOME");', "auto t = time(nullptr);"]:
            for floor in ["base", "domain", "core"]:
                with self.subTest(line=line, floor=floor):
                    self.assertTrue(findings(f"src/{floor}/a.cpp", line + "\n"))
        self.assertEqual(findings("src/core/a.cpp", "auto r = strand(x) + end_time(y);\n"), [])
        self.assertEqual(findings("src/core/a.cpp", "// system_clock::now() is not for us\n"), [])

    def test_the_service_reads_no_clock(self):
        line = "auto t = std::chrono::steady_clock::now();\n"
        self.assertTrue(findings("src/service/a.cpp", line))
        self.assertEqual(findings("src/adapters/clock/a.cpp", line), [])

    def test_codec_has_json_but_no_asio(self):
        self.assertTrue(findings("src/codec/a.cpp", "#include <boost/asio/awaitable.hpp>\n"))
        self.assertEqual(findings("src/codec/a.cpp", "#include <boost/json.hpp>\n"), [])


class AwaitTakesNames(unittest.TestCase):
    BROKEN = [
        "co_await f(Params{.a = s});",
        "co_await f({s, s, 3});",
        "co_await f(a,\n        Params{\n            .a = s});",
        "co_await f([s] { return s; });",
        "co_await f([=] { return s; });",
        "co_await f([this, s] { return s; });",
        "co_await f([copy = s] { return copy; });",
        "x = c ? co_await f() + y : z;",
        "const auto x = co_await f() ? a : b;",
        "Params p{.a = co_await f(), .b = 1};",
        "for (auto x : {co_await f()}) use(x);",
        "g(Params{.a = s}, co_await f());",
        "if (auto r = co_await f(Params{s}); !r) { g(); }",
        "co_return Answer{co_await f(a)};",
        "WRAPUP_CO_TRY(const auto x, co_await f(Params{s}));",
        "if (a && !co_await f()) g();",
        "while (x < y && co_await f(x)) g();",
        "const bool ok = a || co_await f();",
    ]
    FINE = [
        "co_await f(params);",
        "Params p{.a = s}; co_await f(std::move(p));",
        "co_await f([&] { return store.claim(now, lease); });",
        "co_await f([&s] { return Params{s}; });",
        "co_await f([this] { return x_; });",
        "co_await clock.sleep_until(now + seconds{5});",
        "co_await clock.sleep_until(now + std::chrono::milliseconds{5});",
        "auto x = co_await f(a); y = c ? a : b;",
        "co_await f(c ? 1 : 2);",
        "if (auto r = co_await f(a); !r) { g(Params{s}); }",
        "while (co_await f(a)) { g(Params{s}); }",
        "if (c) { g(Params{s}); } co_await f(a);",
        "co_return Params{s};",
        "WRAPUP_CO_TRY(const auto x, co_await f(a));",
        "co_await f(list[index], map[key]);",
        'co_await f("{", \'{\');  // Not {these}.',
        "for (const auto& x : xs) { co_await f(x); }",
        "switch (x) { case A: { co_await f(a); break; } }",
        "auto g = [s]() -> Task<void> { co_await f(s); }; Params{s};",
        "Params p{s}; try { co_await f(p); } catch (...) { g({s}); }",
        "co_await f(a)\n        .then(b);",
        "auto&& x = co_await f(a);",
        "co_await f(a && b);",
        "const bool x = a && b; co_await f(x);",
    ]

    def test_breaches(self):
        for statement in self.BROKEN:
            with self.subTest(statement=statement):
                self.assertTrue(findings("src/service/a.cpp", in_body(statement)))

    def test_names(self):
        for statement in self.FINE:
            with self.subTest(statement=statement):
                self.assertEqual(findings("src/service/a.cpp", in_body(statement)), [])


class Sizes(unittest.TestCase):
    def test_files_lines_and_functions(self):
        self.assertTrue(findings("src/app/a.cpp", "int x;\n" * 501))
        self.assertEqual(findings("src/app/a.cpp", "int x;\n" * 500), [])
        self.assertTrue(findings("src/app/a.cpp", "//" + "x" * 99 + "\n"))
        self.assertEqual(findings("src/app/a.cpp", "//" + "é" * 98 + "\n"), [])
        long_body = "void f(int x) {\n" + "    g();\n" * 69 + "}\n"
        self.assertTrue(findings("src/app/a.cpp", long_body))
        self.assertEqual(findings("src/app/a.cpp", long_body.replace("    g();\n", "", 1)), [])
        wrapped = "namespace wrapup {\nclass A {\n    " + long_body + "};\n}\n"
        self.assertTrue(findings("src/app/a.cpp", wrapped))
        listed = "A::A(int x)\n    : a_{x}, b_{x} {\n" + "    g();\n" * 70 + "}\n"
        self.assertTrue(findings("src/app/a.cpp", listed))
        table = "constexpr Row rows[] = {\n" + "    {1, f(2)},\n" * 80 + "};\n"
        self.assertEqual(findings("src/app/a.cpp", table), [])

    def test_no_loop_over_a_temporary(self):
        for loop in ["for (const Row& row : *store.rows()) {", "for (auto& x : f(1)->counts) g(x);",
                     "for (const auto& [a, b] : store_.counts()->by_name()) {"]:
            self.assertTrue(findings("sim/a.cpp", loop + "\n"), loop)
        for loop in ["for (const Row& row : rows()) {", "for (const Row& row : *rows) {",
                     "for (auto& x : book().calls()) {", "for (auto& x : job->counts) {"]:
            self.assertEqual(findings("sim/a.cpp", loop + "\n"), [], loop)

    def test_headers_are_guarded(self):
        self.assertTrue(findings("src/app/a.hpp", "int x;\n"))
        self.assertEqual(findings("src/app/a.hpp", HEAD), [])


class Leftovers(unittest.TestCase):
    def test_markers_need_an_issue(self):
        for word in ["FIX" + "ME", "XX" + "X", "TO" + "DO", "TO" + "DO(somebody)"]:
            self.assertTrue(findings("docs/a.md", f"{word}: later\n"), word)
        self.assertEqual(findings("docs/a.md", "TO" + "DO(#12): later\n"), [])

    def test_no_registry(self):
        self.assertTrue(findings("test/e2e/package-lock.json",
                                 '"resolved": "https://registry.' + 'npmjs.org/x.tgz"\n'))

    def test_banned_calls_only_in_the_product(self):
        self.assertTrue(findings("src/app/a.cpp", "int x = atoi(y);\n"))
        self.assertTrue(findings("src/app/a.cpp", "assert(x);\n"))
        self.assertEqual(findings("src/app/a.cpp", "static_assert(x); WRAPUP_ASSERT(x);\n"), [])


if __name__ == "__main__":
    unittest.main()
