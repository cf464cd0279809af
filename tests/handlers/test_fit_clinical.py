import numpy as np
from ignite.engine import Engine

from bundle.handlers import FitClinical
from bundle.networks import ClinicalBranch
from tests.networks.tiny_classifier import tiny_classifier


def start(network, *ages):
    trainer = Engine(lambda engine, batch: None)
    FitClinical(network, [{"clinical": np.array([age], dtype=np.float32)} for age in ages]).attach(trainer)
    trainer.run([0])


def test_the_branch_is_fitted_when_the_training_starts_and_not_again():
    network = tiny_classifier(ClinicalBranch(["age"], [], num_classes=2))
    start(network, 40, 60, np.nan)
    assert network.clinical.mean.tolist() == [50]
    start(network, 0)
    assert network.clinical.mean.tolist() == [50], "one that was resumed keeps its own"


def test_a_network_of_the_image_alone_is_left_as_it_is():
    start(tiny_classifier(), 40)
