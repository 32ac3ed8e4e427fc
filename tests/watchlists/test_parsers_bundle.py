"""Several files as one ZIP: the same files give the same bytes, and nothing but RefusedFile comes out of a bad one."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.watchlists.parsers import RefusedFile, bundle

WANTED = "a list as ZIP"
FILES = {"sdn.csv": b'1,"NORTH SHIPPING"\n', "alt.csv": b'1,1,"aka","NORTH LINE"\n'}


def zipped(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def refusal(data: bytes) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        bundle.members(data, WANTED)
    return caught.value


def test_what_is_packed_is_read_back():
    assert bundle.members(bundle.pack(FILES), WANTED) == FILES


def test_the_same_files_in_another_order_give_the_same_bytes():
    other_order = dict(reversed(FILES.items()))

    assert bundle.pack(FILES) == bundle.pack(other_order)


def test_a_packed_bundle_has_fixed_dates_sorted_names_and_no_extra_fields():
    with zipfile.ZipFile(io.BytesIO(bundle.pack(FILES))) as archive:
        infos = archive.infolist()

    assert [info.filename for info in infos] == ["alt.csv", "sdn.csv"]
    assert {(info.date_time, info.extra, info.comment) for info in infos} == {((1980, 1, 1, 0, 0, 0), b"", b"")}


def test_a_bundle_is_known_by_its_beginning():
    assert bundle.is_bundle(bundle.pack(FILES))
    assert not bundle.is_bundle(b"ent_num,name\n")


def test_folders_are_dropped_and_gzip_members_are_unpacked():
    data = zipped({"2021/": b"", "2021/sdn.csv.gz": gzip.compress(b"1\n"), "2021\\alt.csv": b"2\n"})

    assert bundle.members(data, WANTED) == {"sdn.csv": b"1\n", "alt.csv": b"2\n"}


def test_the_shadow_files_of_macos_are_no_members():
    data = zipped({"sdn.csv": b"1\n", "__MACOSX/._sdn.csv": b"\0\5", ".DS_Store": b"\0"})

    assert list(bundle.members(data, WANTED)) == ["sdn.csv"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no zip", "not_bundle"),
        (zipped({}), "empty_bundle"),
        (zipped({"a/sdn.csv": b"1", "b/SDN.csv": b"2"}), "repeated_member"),
        (zipped({"sdn.csv": b"1", "sdn.csv.gz": gzip.compress(b"2")}), "repeated_member"),
        (zipped({f"{number}.csv": b"" for number in range(51)}), "too_many_members"),
        (zipped({"sdn.csv.gz": b"not gzip"}), "broken_archive"),
        (zipped({"sdn.csv.gz": gzip.compress(b"1" * 99)[:-9]}), "cut_off_archive"),
        (zipped({"sdn.csv": b"1"}, zipfile.ZIP_BZIP2), "unknown_packing"),
        (zipped({"[Content_Types].xml": b"<Types/>"}), "workbook"),
        (bundle.pack(FILES)[:-30], "broken_bundle"),
        (bundle.pack(FILES).replace(b"PK\x01\x02", b"PK\x01\x03"), "broken_bundle"),
    ],
)
def test_a_bad_bundle_is_refused_with_its_reason(data, code):
    assert refusal(data).code == code


def test_an_encrypted_member_is_refused():
    data = bytearray(zipped({"sdn.csv": b"1"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption in the list of files

    assert refusal(bytes(data)).code == "encrypted"


def test_a_member_whose_check_sum_is_wrong_is_refused():
    data = zipped({"sdn.csv": b"NORTH SHIPPING"}, zipfile.ZIP_STORED).replace(b"NORTH", b"SOUTH")

    assert refusal(data).code == "broken_bundle"


def test_a_bundle_that_unpacks_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(bundle, "MAX_UNPACKED_BYTES", 10_000)

    assert refusal(zipped({"sdn.csv": b"1" * 6_000, "alt.csv": b"1" * 6_000})).code == "too_large"
    assert refusal(zipped({"sdn.csv.gz": gzip.compress(b"1" * 20_000)})).code == "too_large"


@pytest.mark.parametrize("files", [{}, {"a/x.csv": b"", "b/x.csv": b""}, {f"{number}": b"" for number in range(51)}])
def test_what_could_not_be_read_back_is_not_packed(files):
    with pytest.raises(RefusedFile):
        bundle.pack(files)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_bundle_raises_nothing_but_a_refusal(data):
    damaged = bytearray(bundle.pack(FILES))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(4, len(damaged)))

    try:
        found = bundle.members(bytes(damaged[:cut]), WANTED)
    except RefusedFile:
        return
    assert all(content in FILES.values() for content in found.values())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_after_the_mark_of_a_zip_raise_nothing_but_a_refusal(tail):
    with pytest.raises(RefusedFile):
        bundle.members(b"PK\x03\x04" + tail, WANTED)
