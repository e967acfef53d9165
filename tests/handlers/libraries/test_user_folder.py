"""The folder of a user: each name has one key, and no key is outside the folder."""

import posixpath
import unicodedata
from urllib.parse import unquote

import pytest
import user_folder
from hypothesis import given
from hypothesis import strategies as st

from ..requests import ADA


def test_path():
    assert user_folder.path(ADA) == f"users/{ADA}/"
    assert user_folder.path(ADA).startswith(user_folder.PREFIX)


@pytest.mark.parametrize(
    "sub", ["", "a/b", "..", ".", "*", "a*", "?", "${x}", "a%2Fb", " ", "a\n", "é", "x" * 129]
)
def test_bad_sub(sub):
    with pytest.raises(ValueError, match="sub"):
        user_folder.path(sub)
    with pytest.raises(ValueError, match="sub"):
        user_folder.key(sub, "cat.jpg")


def test_longest_name():
    longest = 1024 - len(f"users/{ADA}/")
    assert len(user_folder.key(ADA, "n" * longest)) == 1024
    with pytest.raises(user_folder.BadName, match="at most 981 bytes"):
        user_folder.key(ADA, "n" * (longest + 1))
    with pytest.raises(user_folder.BadName, match="bytes"):
        user_folder.key(ADA, "é" * (longest // 2 + 1))


tricky = st.text("./\\%2FfeE5cC~ \t\n\0${}filename\u2028\u202e\ud800é猫", max_size=20)


@given(st.text() | tricky)
def test_any_name_is_rejected_or_is_one_segment_in_the_folder(name):
    try:
        key = user_folder.key(ADA, name)
    except user_folder.BadName:
        return
    folder = f"users/{ADA}/"
    assert key == folder + name
    assert len(key.encode()) <= 1024
    # Decoding or normalizing the key any number of times does not change it.
    assert unquote(key) == key
    assert posixpath.normpath(key) == key
    assert key.count("/") == 2
    assert not any(unicodedata.category(each) == "Cc" for each in key)
    assert user_folder.name(ADA, key) == name


@given(st.text() | tricky.map(lambda text: f"users/{ADA}/{text}"))
def test_the_name_of_any_key_leads_to_the_same_key(key):
    found = user_folder.name(ADA, key)
    if found is not None:
        assert user_folder.key(ADA, found) == key
