"""Check the evidence of one case, away from the municipality: python verify.py [FOLDER] [--vkey FILE]

Needs Python 3.9 or later and the package `cryptography`; no network, nothing of Insyn. FOLDER is the unpacked bundle (this file's own
folder if none is given). --vkey: the log's public key that you got another way than with this bundle.
1. manifest.json lists exactly the files that are here, with their SHA-256.
2. Each entry stands in the log that the key has signed: its receipt leads from the entry's bytes to the checkpoint (RFC 6962, C2SP).
3. Each opened text is the one that its entry commits to. 4. All entries are of this record. 5. Permit and packs are those of the record.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def say(line):
    sys.stdout.write(line + "\n")


def need(holds, what):
    if not holds:
        raise ValueError(what)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def signed_root(note, vkey):
    """Size and root of a checkpoint that the key has signed (C2SP signed-note, tlog-checkpoint)."""
    name, key_id, key = vkey.strip().split("+", 2)
    kind, public = base64.b64decode(key)[:1], base64.b64decode(key)[1:]
    need(kind == b"\x01" and sha(name.encode(), b"\n", kind, public)[:4].hex() == key_id, "log.vkey is no Ed25519 key of a log")
    body, _, lines = note.partition("\n\n")
    signatures = [base64.b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
    ours = [signature[4:] for signature in signatures if signature[:4].hex() == key_id]
    need(ours, "the checkpoint is not signed by this key")
    Ed25519PublicKey.from_public_bytes(public).verify(ours[0], (body + "\n").encode())
    origin, size, root = body.split("\n")[:3]
    need(origin == name, "the checkpoint is of another log")
    return int(size), base64.b64decode(root)


def check_proof(entry, proof, vkey):
    """The entry's index, when the receipt (tlog-proof) leads from its bytes to the signed root (RFC 9162, 2.1.3.2)."""
    head, _, note = proof.partition("\n\n")
    lines = head.split("\n")[1:]
    if lines[0].startswith("extra "):  # what the writer put in: the entry itself
        need(base64.b64decode(lines.pop(0)[6:], validate=True) == entry, "the receipt holds another entry")
    index, path = int(lines[0].split(" ")[1]), [base64.b64decode(line, validate=True) for line in lines[1:]]
    size, root = signed_root(note, vkey)
    need(0 <= index < size, "the receipt's index lies outside the log")
    found, node, last = sha(b"\0", entry), index, size - 1
    for step in path:
        need(last, "the receipt is too long")
        if node & 1 or node == last:
            found = sha(b"\1", step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = sha(b"\1", found, step)
        node, last = node >> 1, last >> 1
    need(last == 0 and found == root, "the entry is not in the log that was signed")
    return index


def commitment(group, rid, salt, text):
    padded = (text + b"\x80").ljust(max(256, 1 << len(text).bit_length()), b"\0")
    return sha(b"insyn/c/v1", bytes((len(group),)), group.encode(), bytes.fromhex(rid), salt, padded).hex()


def over(pairs):
    return hashlib.sha256("".join(f"{digest}  {name}\n" for name, digest in sorted(pairs)).encode()).hexdigest()


def check(folder, vkey=""):
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(files["manifest.json"])
    need(
        json.dumps(manifest, sort_keys=True, indent=1).encode() == files.pop("manifest.json") and manifest["v"] == 1,
        "manifest.json is edited",
    )
    need(
        manifest["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "files are not those of manifest.json",
    )
    given, entries = files["log.vkey"].decode(), {}
    need(vkey in ("", given.strip()), "log.vkey is not the key that you trust")
    for name in sorted(name for name in files if name.startswith("entries/") and name.endswith(".json")):
        stem = name[len("entries/") : -len(".json")]
        index = check_proof(files[name], files[f"entries/{stem}.tlog-proof"].decode(), given)
        entries[stem] = (index, json.loads(files[name]))
    for name in (name for name in files if name.startswith("opened/") and name.endswith(".json")):
        stem, group = name[len("opened/") : -len(".json")].split("/")
        entry, salt = entries[stem][1], bytes.fromhex(files[f"opened/{stem}/{group}.salt"].decode())
        need(commitment(group, entry["rid"], salt, files[name]) == entry["c"][group], f"{name} is not what its entry commits to")
    record = entries[min(entries)][1]
    of_case = {record["rid"], record.get("about")} - {None}
    for stem, (index, entry) in entries.items():
        own = entry["kind"] in ("permit", "act") and entry.get("system") == record["system"]
        need(own or of_case & {entry["rid"], entry.get("about")}, f"{stem} is no part of this case")
        say(
            f"entry {index}: {entry['kind']} {entry.get('verdict') or entry.get('code') or entry.get('act') or ''} {entry.get('day', '')}".rstrip()
        )
    permits = [entry for _, entry in entries.values() if entry["kind"] == "permit"]
    need(
        "permit.json" not in files or hashlib.sha256(files["permit.json"]).hexdigest() in {p["permit"] for p in permits},
        "permit.json is another",
    )
    packs = {}
    for name in (name for name in files if name.startswith("packs/")):
        packs.setdefault(name.split("/")[1], []).append((name.split("/", 2)[2], hashlib.sha256(files[name]).hexdigest()))
    need(
        not packs or over((pack, over(found)) for pack, found in packs.items()) == record["packs"], "the packs are not those of the record"
    )
    for stem in (
        stem for stem, (_, entry) in entries.items() if set(entry.get("c", {})) - {n.split("/")[2][:-5] for n in files if f"/{stem}/" in n}
    ):
        say(f"{stem}: something that it commits to is not opened here (destroyed, or kept back)")
    say(
        f"VALID: {len(entries)} entries of {given.split('+')[0]}, {len(packs)} packs, {len(files)} files. Compare log.vkey with a key got another way."
    )


if __name__ == "__main__":
    words = sys.argv[1:]
    key = Path(words.pop(words.index("--vkey") + 1)).read_text(encoding="utf-8").strip() if "--vkey" in words else ""
    where = [word for word in words if word != "--vkey"]
    try:
        check(Path(where[0]) if where else Path(__file__).resolve().parent, key)
    except Exception as error:  # whatever cannot be read is not valid
        sys.exit(f"NOT VALID: {error or type(error).__name__}")
