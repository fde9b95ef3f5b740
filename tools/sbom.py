#!/usr/bin/env python3
"""sbom.py BINARY VERSION: what a built wrapup is linked with, as SPDX 2.3 in JSON on the output.

Libraries that it loads, and what those load, are those of the Debian packages whose files they
are; of what is compiled in (headers, the dashboard) COMPILED_IN and web/package-lock.json tell.
SOURCE_DATE_EPOCH is the time of its making. The same input gives the same bytes.
"""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Header-only libraries, and what is loaded by name while it runs.
COMPILED_IN = ["libboost1.81-dev", "libcli11-dev", "libtomlplusplus-dev"]
LOADED_BY_NAME = ["libphonenumber.so.8"]
# Debian's short names that SPDX has under another one.
SPDX_NAMES = {
    "Expat": "MIT", "BSL-1.0": "BSL-1.0", "BSD-3-clause": "BSD-3-Clause", "MIT": "MIT",
    "BSD-2-clause": "BSD-2-Clause", "BSD-2-Clause": "BSD-2-Clause", "BSD-3-Clause": "BSD-3-Clause",
    "Apache-2.0": "Apache-2.0", "Apache-2": "Apache-2.0", "curl": "curl", "Zlib": "Zlib",
    "zlib": "Zlib", "ISC": "ISC", "GPL-2+": "GPL-2.0-or-later", "GPL-3+": "GPL-3.0-or-later",
    "LGPL-2+": "LGPL-2.0-or-later", "LGPL-2.1+": "LGPL-2.1-or-later", "OpenLDAP-2.8": "OLDAP-2.8",
    "LGPL-3+": "LGPL-3.0-or-later", "Artistic": "Artistic-1.0", "MPL-2.0": "MPL-2.0",
}
# Whose copyright file is prose.
PROSE = {
    "libc6": "LGPL-2.1-or-later",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def licence_of(copyright_text):
    """Debian's short name of the licence of most files; None: the file is prose."""
    if not re.match(r"Format: \S*copyright-format", copyright_text):
        return None
    for stanza in re.split(r"\n\s*\n", copyright_text):
        if re.search(r"^Files:\s*\*\s*$", stanza, re.M):
            found = re.search(r"^License:[ \t]*(\S.*)$", stanza, re.M)
            return found.group(1).strip() if found else None
    return None


def expression_of(short_name, extracted):
    """SPDX's expression; a licence that SPDX does not know is noted in `extracted`."""
    if short_name is None:
        return "NOASSERTION"
    if short_name in SPDX_NAMES:
        return SPDX_NAMES[short_name]
    reference = "LicenseRef-Debian-" + re.sub(r"[^A-Za-z0-9.]+", "-", short_name).strip("-")
    extracted[reference] = short_name
    return reference


def needed_by(file):
    return set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.+?)\]", run("readelf", "-dW", file)))


def loaded_files(binary):
    """{name: file} of every library that the loader finds for it."""
    pairs = re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", binary), re.M)
    return {name: os.path.realpath(file) for name, file in pairs}


def package_of(file):
    # The merged /usr: dpkg may know the file without it.
    for name in (file, file.removeprefix("/usr"), "/usr" + file):
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(",")[0]
    raise SystemExit(f"sbom.py: no package has {file}")


def debian_package(name, extracted):
    form = "${Package}\t${Version}\t${Architecture}\t${Homepage}"
    fields = run("dpkg-query", "-W", "-f", form, name).split("\t")
    short, version, architecture, homepage = fields
    text = pathlib.Path(f"/usr/share/doc/{short}/copyright").read_text(errors="replace")
    declared = PROSE.get(short) or expression_of(licence_of(text), extracted)
    entry = entry_of(short, version, declared)
    locator = f"pkg:deb/debian/{short.replace('+', '%2B')}@{version.replace('+', '%2B')}"
    entry["externalRefs"] = [purl(f"{locator}?arch={architecture}&distro=bookworm")]
    if homepage:
        entry["homepage"] = homepage
    return entry


def entry_of(name, version, licence):
    return {
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
    }


def purl(locator):
    return {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": locator,
    }


def bundled_modules(lock):
    """What of package-lock.json goes into the dashboard: all but the tools that build it."""
    for path, module in sorted(lock["packages"].items()):
        if not path or module.get("dev") or module.get("peer") or module.get("optional"):
            continue
        name = path.rpartition("node_modules/")[2]
        entry = entry_of(name, module["version"], module.get("license", "NOASSERTION"))
        entry["SPDXID"] = "SPDXRef-npm-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)
        locator = name.replace("@", "%40", 1)
        entry["externalRefs"] = [purl(f"pkg:npm/{locator}@{module['version']}")]
        yield entry


def document(binary, version, epoch):
    extracted = {}
    packages = {}
    relations = set()
    itself = entry_of("wrapup", version, "MIT")
    packages[itself["SPDXID"]] = itself

    def add(entry, relation):
        packages.setdefault(entry["SPDXID"], entry)
        relations.add((itself["SPDXID"], relation, entry["SPDXID"]))

    direct = needed_by(binary)
    files = loaded_files(binary)
    for name in LOADED_BY_NAME:
        listed = re.search(rf"^\s*{re.escape(name)} .* => (\S+)", run("ldconfig", "-p"), re.M)
        if listed is None:
            raise SystemExit(f"sbom.py: {name} is not installed")
        file = os.path.realpath(listed.group(1))
        direct.add(name)
        files = {**loaded_files(file), **files, name: file}
    for name, file in sorted(files.items()):
        relation = "DYNAMIC_LINK" if name in direct else "DEPENDS_ON"
        add(debian_package(package_of(file), extracted), relation)
    for name in COMPILED_IN:
        add(debian_package(name, extracted), "STATIC_LINK")
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    for entry in bundled_modules(lock):
        add(entry, "CONTAINS")

    # A package of several libraries may be meant by both.
    for owner, relation, other in sorted(relations):
        if relation == "DEPENDS_ON" and (owner, "DYNAMIC_LINK", other) in relations:
            relations.discard((owner, relation, other))
    made_at = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    body = [packages[key] for key in sorted(packages)]
    name = f"wrapup-{version}"
    content = uuid.uuid5(uuid.NAMESPACE_URL, name + json.dumps(body, sort_keys=True))
    result = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": f"urn:uuid:{content}",
        "creationInfo": {
            "created": made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: wrapup-tools-sbom.py"],
        },
        "documentDescribes": [itself["SPDXID"]],
        "packages": body,
        "relationships": [
            {"spdxElementId": owner, "relationshipType": relation, "relatedSpdxElement": other}
            for owner, relation, other in sorted(relations)
        ],
    }
    if extracted:
        result["hasExtractedLicensingInfos"] = [
            {
                "licenseId": reference,
                "name": short,
                "extractedText": f"Debian calls it {short}: see the package's copyright file.",
            }
            for reference, short in sorted(extracted.items())
        ]
    return result


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__.strip())
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    print(json.dumps(document(sys.argv[1], sys.argv[2], epoch), indent=1))


if __name__ == "__main__":
    main()
