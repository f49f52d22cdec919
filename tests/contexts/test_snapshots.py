"""A snapshot is made of files with their manifest, or not at all and with every mistake named."""

from typing import Any

import pytest

from questionnaires.canonical import digest_bytes
from questionnaires.context import Context, Source
from questionnaires.library import contexts
from questionnaires.own_context import Change, derive, find_flaws
from questionnaires.revisions import revision_digest
from questionnaires.snapshots import SnapshotError, build_snapshot

INDEX = b"code,name,rank\nXA,Aldervale,92.1\nXB,Brannoch,4.8\nXB-N,North Brannoch,\n"
AREAS = b"code,name,parent,territory,reason\nXB-N,North Brannoch,XB,3,War since 2026\nXA,,,0,\n"
MEMBERS = b"code,membership\nXA,lowland-league\nXA,coast-pact\n"
SOURCE = {"title": "Made up", "publisher": "Nobody", "year": "2026", "licence": "CC0", "taken_on": "2026-11-01"}


def manifest(**files: bytes) -> dict[str, Any]:
    named = [{"file": f"{k}.csv", "holds": k, **SOURCE, "digest": digest_bytes(v)} for k, v in files.items()]
    return {"id": "exercise", "revision": "2026-12", "title": "Newer", "files": named}


def build(asked: dict[str, Any], **files: bytes) -> Context:
    return build_snapshot(asked, {f"{kind}.csv": data for kind, data in files.items()})


FILES = {"index": INDEX, "areas": AREAS, "memberships": MEMBERS}


def test_files_become_a_snapshot_with_their_digests() -> None:
    made = build(manifest(**FILES), **FILES)
    assert made.areas["XA"].rank == 9210
    assert made.areas["XA"].memberships == ("coast-pact", "lowland-league")
    assert made.areas["XB-N"].territory == 3
    assert made.ranks("XB-N") == [480]
    assert made.territories("XB") == [3]
    assert [source.digest for source in made.sources] == [digest_bytes(data) for data in FILES.values()]
    assert revision_digest(made) == revision_digest(build(manifest(**FILES), **FILES))
    assert Context.model_validate_json(made.model_dump_json()) == made


def test_every_mistake_is_told_at_once_with_its_place() -> None:
    index = b"code,name,rank\nQQ,Nowhere,5\nXA,A,101\nXA,A,5\nxb,B,1\nXC,C,1.234\nXD\n"
    areas = b"code,name,parent,territory,reason\nXA,A,ZZ,4,\nXB,B,,7,Because\n"
    asked = manifest(index=index, areas=areas, memberships=MEMBERS)
    del asked["files"][0]["licence"], asked["files"][1]["taken_on"], asked["revision"]
    asked["files"][2]["digest"] = digest_bytes(b"another")
    with pytest.raises(SnapshotError) as caught:
        build(asked, index=index, areas=areas, memberships=MEMBERS)
    places = [mistake.place for mistake in caught.value.mistakes]
    assert places == [
        "manifest: revision", "manifest: files.0.licence", "manifest: files.1.taken_on", "index.csv:2", "index.csv:3",
        "index.csv:4", "index.csv:5", "index.csv:6", "index.csv:7", "areas.csv:2", "areas.csv:3", "memberships.csv",
        "index.csv:3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"\xff\xfe", "not a CSV"), (b"a,b\n", "columns must be"), (b'code,name,rank\n"XA', "not a CSV")],
)
def test_a_file_that_cannot_be_read_is_told(data: bytes, says: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        build(manifest(index=data), index=data)
    assert says in caught.value.mistakes[0].what


def test_a_missing_file_and_a_manifest_that_is_none_are_told() -> None:
    with pytest.raises(SnapshotError) as caught:
        build(manifest(index=INDEX))
    assert caught.value.mistakes == [("index.csv", "the file is not there")]
    with pytest.raises(SnapshotError):
        build_snapshot(["no"], {})


def test_an_own_context_changes_what_it_names_and_nothing_else() -> None:
    digest, base = next((d, c) for d, c in contexts().items() if c.id == "exercise")
    source = Source(title="Report", publisher="A body", year=2026, licence="public", taken_on="2026-11-20")
    changes = {
        "XA": Change(territory=3, reason="Fighting since the summer", source=source),
        "XA-9": Change(name="Ninth ward", parent="XA", rank=100, reason="Cameras at every door", source=source),
    }
    own = derive("own-view", "2026-11-25", "Ours", base, digest, changes)
    assert own.territories("XA-9") == []
    assert own.ranks("XA") == [9210, 100]
    assert own.territories("XA") == [3]
    assert own.areas["XB"] == base.areas["XB"]
    assert (own.based_on, own.areas["XA"].source, own.sources[-1]) == (digest, "Report", source)
    assert revision_digest(own) != digest


def test_flaws_of_changes_are_told_by_area() -> None:
    base = next(c for c in contexts().values() if c.id == "exercise")
    source = Source(title="Report", publisher="A body", year=2026, licence="public", taken_on="2026-11-20")
    said = {"reason": "Because", "source": source}
    changes = {
        "QQ": Change(name="Nowhere", rank=1, **said), "XA-1": Change(rank=1, **said), "XB": Change(**said),
        "XC": Change(parent="XC", **said), "XD": Change(parent="XY", **said), "XE": Change(rank=1, **said),
    }  # fmt: skip
    assert [code for code, _ in find_flaws(base, changes)] == ["QQ", "XA-1", "XB", "XC", "XD"]
    with pytest.raises(ValueError, match="flaws"):
        derive("own-view", "2026", "Ours", base, next(iter(contexts())), changes)
