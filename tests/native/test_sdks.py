"""The SDKs under sdk/ are those of the schema."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path

import pytest

from sdk import LANGUAGES, MADE, SDK, generate, lacking, source

_MADE = json.loads(MADE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_sdk_is_made_of_this_schema(language: str) -> None:
    assert _MADE[language]["schema"] == source()["schema"], "run make sdk"


@pytest.mark.engine
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_sdk_is_what_its_generator_makes(language: str, tmp_path: Path) -> None:
    missing = lacking(language)
    if missing:
        pytest.skip(f"needs {missing} on PATH")
    if source()["pulumi"] != _MADE[language]["pulumi"]:
        pytest.skip(f"made by Pulumi {_MADE[language]['pulumi']}, whose generators another release need not equal")

    generated = generate(language, tmp_path)

    files = {file.relative_to(generated) for file in generated.rglob("*") if file.is_file()}
    ignored = {"bin", "obj", "node_modules", "build", "__pycache__"}
    there = {file.relative_to(SDK / language) for file in (SDK / language).rglob("*") if file.is_file()}
    assert {file for file in there if not ignored & {*file.parts}} == files
    assert filecmp.cmpfiles(SDK / language, generated, map(str, files), shallow=False)[1:] == ([], [])
