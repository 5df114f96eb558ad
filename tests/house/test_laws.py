"""What holds everywhere in the house, checked by machine."""

import ast
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.core.management import call_command
from django.db.models import ForeignKey, OneToOneField

from backend.celery import app as celery_app
from backend.foundation.queue import Letter

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = ("backend", "annotation", "training")
FORBIDDEN_NAMES = ("utils", "helpers", "common", "misc")
# Written apart, so that this file does not find itself.
MACHINE_PATHS = re.compile("|".join(["/ro" + "ot/", "/wo" + "rk/", "/home/[a-z]+/", "/Us" + "ers/"]))
REGISTRIES = re.compile(
    "|".join(
        ["--index" + "-url", "extra" + "-index", r"re" + r"gistry\s*=\s*[\"']?http", "pypi" + r"\.org/simple"]
    )
)

TEXT_ENDINGS = (
    ".py",
    ".ts",
    ".tsx",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".lock",
    ".json",
    ".css",
    ".html",
    ".npmrc",
    "",
)


def sources() -> list[Path]:
    return [path for app in OURS for path in sorted((REPOSITORY / app).rglob("*.py"))]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True).stdout
    return [REPOSITORY / name for name in listed.decode().split("\0") if name]


def test_the_import_laws_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_letter_has_a_reader() -> None:
    celery_app.loader.import_default_modules()
    assert {str(letter) for letter in Letter} <= set(current_app.tasks)


def test_every_background_function_answers_a_letter_and_has_both_limits() -> None:
    celery_app.loader.import_default_modules()
    ours = {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}
    assert set(ours) == {str(letter) for letter in Letter}
    for name, task in ours.items():
        assert task.soft_time_limit, name
        assert task.soft_time_limit < task.time_limit, name


def test_celery_functions_live_in_background_modules_only() -> None:
    using = [
        path
        for path in sources()
        if re.search(r"@(shared_task|app\.task)|\.delay\(|apply_async", path.read_text())
    ]
    assert {path.name for path in using} == {"background.py"}


def test_no_web_process_loads_torch() -> None:
    program = (
        "import sys, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings';"
        "import backend.asgi, backend.celery, django.urls;"
        "django.urls.get_resolver().url_patterns; backend.celery.app.loader.import_default_modules();"
        "print(sorted({'torch', 'torchvision'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_foreign_key_names_its_way_back() -> None:
    nameless = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OURS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey | OneToOneField)
        and field.model is model
        and not field.remote_field.related_name
    ]
    assert nameless == []


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(REPOSITORY)}:{inner.lineno}"
        for path in sources()
        for outer in ast.walk(ast.parse(path.read_text()))
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_module_is_called_utils() -> None:
    assert [path for path in sources() if path.stem in FORBIDDEN_NAMES] == []


def test_migrations_are_complete(db: None) -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(f"Migrations are missing: run manage.py makemigrations.\n{said.getvalue()}")


def test_the_openapi_copy_is_current(tmp_path: Path) -> None:
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(made), validate=True, fail_on_warn=True)
    copy = REPOSITORY / "docs" / "openapi.yaml"
    assert made.read_text() == copy.read_text(), "docs/openapi.yaml is not what the code says: run make api."


def is_text(path: Path) -> bool:
    return path.suffix in TEXT_ENDINGS and path.name != "package-lock.json"


def test_nothing_tracked_names_a_machine_or_a_registry() -> None:
    texts = {path: path.read_text(errors="replace") for path in tracked() if path.is_file() and is_text(path)}
    telling = [path for path, text in texts.items() if MACHINE_PATHS.search(text) or REGISTRIES.search(text)]
    assert telling == []


def test_every_pin_is_exact_and_every_dependency_is_pinned() -> None:
    lines = (REPOSITORY / "requirements.lock").read_text().splitlines()
    pins = [line.partition(" ;")[0] for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][A-Za-z0-9.+]*", pin) for pin in pins)
    made = subprocess.run(
        [sys.executable, ".ci/lock.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    named = {line.partition("==")[0] for line in made.stdout.splitlines() if not line.startswith("#")}
    assert named <= {pin.partition("==")[0] for pin in pins}, "run make lock"
