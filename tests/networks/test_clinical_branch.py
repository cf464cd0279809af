import numpy as np
import pytest
import torch

from bundle.clinical import category_code, with_features
from bundle.errors import InputError
from bundle.labels import UNKNOWN
from bundle.losses import HemorrhageLoss
from bundle.networks import ClinicalBranch, load_state
from tests.networks.tiny_classifier import tiny_classifier

NUMBERS, CATEGORIES = ["age", "systolic_bp"], ["history"]


def vectors(*features):
    rows = [{"image": "a", "age": age, "clinical": clinical} for age, clinical in features]
    return np.stack([row["clinical"] for row in with_features(rows, NUMBERS, CATEGORIES)])


TRAINING = vectors(
    (40, {"systolic_bp": 120, "history": "none"}), (60, {"systolic_bp": 160, "history": "stroke"}), (None, {})
)


@pytest.fixture
def branch():
    torch.manual_seed(0)
    branch = ClinicalBranch(NUMBERS, CATEGORIES, num_classes=2, absent=0)
    branch.fit(TRAINING)
    torch.nn.init.normal_(branch.logits.weight)
    return branch.eval()


def logits(branch, *features):
    with torch.no_grad():
        return branch(torch.from_numpy(vectors(*features)))


def test_mean_and_scale_are_those_of_the_known_training_values(branch):
    assert branch.mean.tolist() == [50, 140]
    assert branch.scale.tolist() == [10, 20]
    known = branch.codes[~branch.codes.isnan()]
    assert set(known.tolist()) == {category_code("none"), category_code("stroke")}


def test_what_is_unknown_adds_exactly_nothing(branch):
    assert not logits(branch, (None, {}), (None, {"history": "never seen in training"})).any()
    seen, unseen, absent = logits(branch, (40, {"history": "none"}), (40, {"history": "epilepsy"}), (40, {}))
    assert torch.equal(unseen, absent)
    assert not torch.equal(seen, absent)


def test_a_missing_value_is_not_the_mean(branch):
    mean, missing = logits(branch, (50, {"systolic_bp": 140}), (50, {}))
    assert not torch.equal(mean, missing), "the presence flag tells them apart"


def test_a_slip_of_the_pen_is_cut_off(branch):
    far, farther = logits(branch, (100, {}), (5000, {}))
    assert torch.equal(far, farther)


def test_before_the_fit_everything_is_missing():
    branch = ClinicalBranch(NUMBERS, CATEGORIES, num_classes=2)
    torch.nn.init.normal_(branch.logits.weight)
    assert not branch.fitted
    assert not branch.eval()(torch.from_numpy(TRAINING)).any()


def test_all_missing_equals_the_image_alone_bit_for_bit(branch):
    fused = tiny_classifier(branch).eval()
    images = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        alone = fused(images)
        assert torch.equal(fused(images, torch.full((3, 3), torch.nan)), alone)
        assert not torch.equal(fused(images, torch.from_numpy(TRAINING)), alone)


def test_training_begins_with_the_image_alone():
    torch.manual_seed(0)
    branch = ClinicalBranch(NUMBERS, CATEGORIES, num_classes=2)
    branch.fit(TRAINING)
    assert not branch(torch.from_numpy(TRAINING)).any()
    branch(torch.from_numpy(TRAINING)).sum().backward()
    assert branch.logits.weight.grad.any(), "but it can leave"


def test_some_training_samples_are_shown_without_features(branch):
    branch.absent = 0.5
    many = torch.from_numpy(TRAINING[:1]).repeat(400, 1)
    shown = branch.train()(many).abs().sum(dim=1) > 0
    assert 150 < int(shown.sum()) < 250
    assert (branch.eval()(many).abs().sum(dim=1) > 0).all()


def test_checkpoints_keep_the_fit_and_refuse_other_features(branch):
    again = ClinicalBranch(NUMBERS, CATEGORIES, num_classes=2)
    again.load_state_dict(branch.state_dict())
    assert again.fitted
    features = (55, {"systolic_bp": 130, "history": "stroke"}), (None, {"history": "none"})
    assert torch.equal(logits(again.eval(), *features), logits(branch, *features))
    other = tiny_classifier(ClinicalBranch(NUMBERS[::-1], CATEGORIES, num_classes=2))
    with pytest.raises(
        InputError, match=r"^a\.pt was trained with other clinical features than systolic_bp, age, histo"
    ):
        load_state(other, tiny_classifier(branch).state_dict(), "a.pt")


def test_bad_features_are_named():
    with pytest.raises(InputError, match=r"\(none\)"):
        ClinicalBranch([], [], 2)
    with pytest.raises(InputError, match="once"):
        ClinicalBranch(["age"], ["age"], 2)
    branch = ClinicalBranch(NUMBERS, CATEGORIES, 2)
    with pytest.raises(InputError, match="no training row has the clinical feature 'history'"):
        branch.fit(TRAINING[:, :3] * [[1, 1, np.nan]])
    many = vectors(*((50, {"systolic_bp": 1, "history": f"kind {k}"}) for k in range(17)))
    with pytest.raises(InputError, match="'history' has 17 categories"):
        branch.fit(many)


def test_torchscript_takes_both_inputs_or_the_image_alone(branch):
    fused = tiny_classifier(branch).eval()
    script = torch.jit.script(fused)
    images, clinical = torch.rand(3, 3, 16, 16), torch.from_numpy(TRAINING)
    with torch.no_grad():
        torch.testing.assert_close(script(images, clinical), fused(images, clinical))
        torch.testing.assert_close(script(images), fused(images))


def test_onnx_takes_both_inputs(branch, tmp_path):
    import onnxruntime

    fused = tiny_classifier(branch).eval()
    images, clinical = torch.rand(3, 3, 16, 16), torch.from_numpy(TRAINING)
    path = str(tmp_path / "fused.onnx")
    torch.onnx.export(fused, (images, clinical), path, input_names=["image", "clinical"], dynamo=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (given,) = session.run(None, {"image": images.numpy(), "clinical": clinical.numpy()})
    with torch.no_grad():
        np.testing.assert_allclose(given, fused(images, clinical).numpy(), rtol=1e-4, atol=1e-5)


def make_set(seed, signal, n=512):
    """Return images that tell half of the bleeds, blood pressures that tell all with `signal`, and labels [n, 6]."""
    rng = np.random.default_rng(seed)
    bleed = rng.random(n) < 0.5
    images = rng.normal(0.4, 0.03, (n, 3, 16, 16)).astype(np.float32)
    images[bleed & (rng.random(n) < 0.5), :, 4:10, 4:10] += 0.5
    pressure = rng.normal(140 + 25 * np.where(bleed, 1, -1) * signal, 10)
    known = rng.random(n) < 0.8
    rows = [
        {"image": "", "clinical": {"systolic_bp": p} if yes else {}} for p, yes in zip(pressure, known, strict=True)
    ]
    clinical = np.stack([row["clinical"] for row in with_features(rows, ["systolic_bp"], [])])
    labels = np.full((n, 6), UNKNOWN, dtype=np.float32)
    labels[:, -1] = bleed
    labels[~bleed] = 0
    return torch.from_numpy(images), torch.from_numpy(clinical), torch.from_numpy(labels)


def accuracy(with_branch, signal):
    torch.manual_seed(0)
    images, clinical, labels = make_set(0, signal)
    branch = ClinicalBranch(["systolic_bp"], [], num_classes=2) if with_branch else None
    network = tiny_classifier(branch).train()
    if branch is not None:
        branch.fit(clinical.numpy())
    loss, optimizer = HemorrhageLoss("binary"), torch.optim.Adam(network.parameters(), 0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
    for _ in range(20):
        for batch in torch.randperm(len(images)).split(64):
            optimizer.zero_grad()
            loss(network(images[batch], clinical[batch] if with_branch else None), labels[batch]).backward()
            optimizer.step()
        schedule.step()
    images, clinical, labels = make_set(1, signal, 1000)
    with torch.no_grad():
        called = network.eval()(images, clinical if with_branch else None).argmax(dim=1)
        without = network(images, torch.full_like(clinical, torch.nan)).argmax(dim=1)
    return [(each == labels[:, -1]).float().mean().item() for each in (called, without)]


@pytest.fixture(scope="module")
def image_only():
    return accuracy(with_branch=False, signal=1)[0]


def test_a_feature_that_carries_signal_is_used(image_only):
    fused, without = accuracy(with_branch=True, signal=1)
    assert 0.7 < image_only < 0.8, "the image tells half of the bleeds"
    assert fused > image_only + 0.15
    assert without > image_only - 0.05, "and the image's part can do without it"


def test_a_feature_without_signal_does_no_harm(image_only):
    fused, _ = accuracy(with_branch=True, signal=0)
    assert fused > image_only - 0.02
