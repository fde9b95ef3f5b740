#!/usr/bin/env python3
"""Tests of tools/sbom.py: what it makes of copyright files and of package-lock.json."""

import unittest

import sbom

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"


class Licences(unittest.TestCase):
    def test_is_that_of_most_files(self):
        text = FORMAT + "Files: *\nLicense: Expat\n text\n\nFiles: debian/*\nLicense: GPL-2+\n"
        self.assertEqual(sbom.licence_of(text), "Expat")

    def test_of_prose_is_not_guessed(self):
        self.assertIsNone(sbom.licence_of("This package was debianized by somebody.\n"))
        self.assertEqual(sbom.expression_of(None, {}), "NOASSERTION")

    def test_has_the_name_that_spdx_knows_or_one_of_its_own(self):
        extracted = {}
        self.assertEqual(sbom.expression_of("Expat", extracted), "MIT")
        self.assertEqual(extracted, {})
        self.assertEqual(sbom.expression_of("BSD3 or so", extracted),
                         "LicenseRef-Debian-BSD3-or-so")
        self.assertEqual(extracted, {"LicenseRef-Debian-BSD3-or-so": "BSD3 or so"})


class Modules(unittest.TestCase):
    def test_are_those_that_go_into_the_dashboard(self):
        lock = {"packages": {
            "": {"name": "web"},
            "node_modules/@scope/a": {"version": "1.2.3", "license": "MIT"},
            "node_modules/tool": {"version": "2.0.0", "dev": True},
            "node_modules/a/node_modules/b": {"version": "0.1.0"},
        }}
        found = {(one["name"], one["versionInfo"], one["licenseDeclared"])
                 for one in sbom.bundled_modules(lock)}
        self.assertEqual(found, {("@scope/a", "1.2.3", "MIT"), ("b", "0.1.0", "NOASSERTION")})


class Document(unittest.TestCase):
    def test_names_each_package_once_and_nothing_that_is_not_there(self):
        made = sbom.document("/bin/bash", "1.0", 0)
        self.assertEqual(made, sbom.document("/bin/bash", "1.0", 0))
        ids = [one["SPDXID"] for one in made["packages"]]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(made["creationInfo"]["created"], "1970-01-01T00:00:00Z")
        for relation in made["relationships"]:
            self.assertIn(relation["relatedSpdxElement"], ids)
        kinds = {(one["relationshipType"], one["relatedSpdxElement"])
                 for one in made["relationships"]}
        self.assertIn(("DYNAMIC_LINK", "SPDXRef-libc6"), kinds)
        self.assertNotIn(("DEPENDS_ON", "SPDXRef-libc6"), kinds)


if __name__ == "__main__":
    unittest.main()
