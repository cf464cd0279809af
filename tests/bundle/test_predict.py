"""The verdict on heads, as a person asks for it."""

import json

from bundle.files import file_sha256


def check_refused(done, sentence):
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("Error: ") and sentence in done.stderr


def test_several_inputs_give_one_worklist_and_a_page(trained, command, tmp_path):
    images = sorted((trained / "data" / "phantom" / "stage_2_train").iterdir())
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.dcm").write_bytes(images[0].read_bytes())
    (tmp_path / "notes" / "report.txt").write_text("nothing")
    done = command(
        "scripts.predict", images[1], tmp_path / "notes", "--json", "--output", tmp_path / "out", "--image_size", 64,
        "--dicom", tmp_path / "dicom", cwd=trained,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [each["action"] for each in found["series"]] == sorted(each["action"] for each in found["series"])
    assert {each["image"].split("/")[-1] for each in found["slices"]} == {images[1].name, "a.dcm"}
    assert [each["image"].split("/")[-1] for each in found["left_out"]] == ["report.txt"]
    named = [name for each in found["series"] for name in each["dicom_results"].split("|")]
    assert sorted(named) == sorted(file.name for file in (tmp_path / "dicom").iterdir()) and len(named) == 6
    page = (tmp_path / "out" / "index.html").read_text()
    assert "For research" in page and "Traceback" not in done.stderr


def test_the_verdict_is_printed_and_bad_input_is_one_sentence(trained, command, tmp_path):
    image = next((trained / "data" / "phantom" / "stage_2_train").iterdir())
    output = ("--output", tmp_path / "out", "--image_size", 64, "--page_heads", 0)
    done = command("scripts.predict", image, *output, cwd=trained)
    assert done.returncode == 0 and done.stdout.startswith("read "), done.stdout + done.stderr
    assert not (tmp_path / "out" / "index.html").exists()
    for arguments, sentence in (
        ([tmp_path / "nowhere"], "nowhere does not exist"),
        ([], "inference has no input; give it a file or a folder"),
        ([image, "--treshold", 0.5], "have no key 'treshold'; did you mean threshold"),
        ([image, "--head_threshold", "high"], "the head_threshold of P(any) must be a number above 0 and at most 1"),
    ):
        refused = command("scripts.predict", *arguments, "--output", tmp_path / "out", cwd=trained)
        check_refused(refused, sentence)


def test_another_network_is_named_by_its_model(trained, command, tmp_path):
    image = next((trained / "data" / "phantom" / "stage_2_train").iterdir())
    arguments = (image, "--output", tmp_path / "out")
    done = command("scripts.predict", *arguments, "--model", "edge", "--json", cwd=trained)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["model"] == file_sha256(trained / "models" / "edge.pt")
    for more, sentence in (
        (["--model", "edg"], "there is no model 'edg'; did you mean edge?"),
        (["--model", "vgg16"], "there are no weights of the model vgg16"),
        (["--model", "vgg16", "--checkpoint", "models/model.pt"], "model.pt does not fit this configuration"),
        (["--model", "edge", "--runtime", "int8"], "exported files hold their own network; leave --model out"),
        (["--model", "edge", "--export_dir", tmp_path], "exported files hold their own network; leave --model out"),
    ):
        refused = command("scripts.predict", *arguments, *more, cwd=trained)
        check_refused(refused, sentence)
