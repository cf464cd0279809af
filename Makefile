# `make train` and `make test` do all the set-up; see README.md.

PYTHON ?= python3
VENV ?= .venv
LABEL_PYTHON ?= python3.11
LABEL_VENV ?= .venv-label
RUN := $(VENV)/bin/python
BUNDLE := $(RUN) -m monai.bundle run

PHANTOM := data/phantom
HEADS := data/phantom_heads
DATASET ?= $(PHANTOM)
OUTPUT ?= output
MODELS ?= $(OUTPUT)/models
COMPARISON ?= compare

# The phantom set is small, so that a first training takes minutes on two CPU cores.
PHANTOM_ARGS ?= --patients 48 --slices 10 --size 256
ifeq ($(DATASET),$(PHANTOM))
MADE := $(PHANTOM)/datalist.json
SCRATCH_ARGS := --image_size 96 --batch_size 16 --max_epochs 24 --learning_rate 0.0005
TRANSFER_ARGS := --batch_size 16 --max_epochs 8
COMPARE_ARGS ?= --image_size 64 --batch_size 16 --max_epochs 8
endif
# The paper's transfer learning, here from the shipped weights.
TRAIN_ARGS ?= $(if $(SCRATCH),$(SCRATCH_ARGS),--pretrained models/model.pt --learning_rate 0.0001 $(TRANSFER_ARGS))

# MONAI warns at every run that a config is code; these configs are the bundle's own.
export PYTHONWARNINGS = ignore:parsing config_file:UserWarning
# Threads that wait for work leave their core to others.
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: help phantom train predict compare pack test test-label test-federated lint format clean

help:
	@echo "make phantom               set up, make phantoms in $(PHANTOM)"
	@echo "make train                 set up, make phantoms, train on from the shipped weights, evaluate, report"
	@echo "make train SCRATCH=1       the same from random weights"
	@echo "make train DATASET=FOLDER OUTPUT=output/mine"
	@echo "                           either on a set prepared by: $(RUN) -m scripts.prepare … FOLDER; results are in"
	@echo "                           OUTPUT, one for each training; TRAIN_ARGS='--max_epochs 20 …' sets keys of the"
	@echo "                           configs in place of those that make sets"
	@echo "make predict               set up, make phantom heads, give the verdict on each and a page to look at"
	@echo "make predict STUDY=FOLDER  the same for the heads in a folder"
	@echo "make compare               set up, make phantoms, train the paper's four models alike, compare them"
	@echo "make pack                  pack the bundle for the Model Zoo; PACK_ARGS='--limit 1000' with large weights"
	@echo "make test                  set up and run every test"
	@echo "make test-label            set up MONAI Label in $(LABEL_VENV), and test the bundle's server (docs/monai_label.md)"
	@echo "make test-federated        set up NVIDIA FLARE in $(VENV), and train with two sites (docs/federated.md)"
	@echo "make lint                  check format, style and types"

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
		|| { echo "Error: Python 3.11 or newer is needed; name one with make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-deploy.txt requirements-dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(PHANTOM)/datalist.json: | $(VENV)/installed
	$(RUN) -m scripts.phantom $(PHANTOM) $(PHANTOM_ARGS)
	$(RUN) -m scripts.prepare rsna $(PHANTOM)

phantom: $(PHANTOM)/datalist.json

train: $(VENV)/installed $(MADE)
	$(BUNDLE) training --config_file configs/train.json \
		--dataset_dir "$(DATASET)" --output_dir "$(OUTPUT)" --ckpt_dir "$(MODELS)" $(TRAIN_ARGS)
	$(BUNDLE) evaluate --config_file "['configs/train.json','configs/evaluate.json']" \
		--dataset_dir "$(DATASET)" --output_dir "$(OUTPUT)" --ckpt_dir "$(MODELS)" $(TRAIN_ARGS)
	@echo
	@echo "Report:      $(OUTPUT)/evaluation/report.html"
	@echo "Checkpoint:  $(MODELS)/model.pt"
	@echo "TensorBoard: $(VENV)/bin/tensorboard --logdir $(OUTPUT)/tensorboard"

predict: $(VENV)/installed $(if $(STUDY),,$(HEADS)/stage_2_train.csv)
	$(RUN) -m scripts.predict "$(or $(STUDY),$(HEADS)/stage_2_train)" --output "$(OUTPUT)/inference" $(PREDICT_ARGS)
	@echo
	@echo "Page: $(OUTPUT)/inference/index.html"

$(HEADS)/stage_2_train.csv: | $(VENV)/installed
	$(RUN) -m scripts.phantom $(HEADS) --patients 4 --slices 30

compare: $(VENV)/installed $(MADE)
	$(RUN) -m scripts.compare "$(DATASET)" --output "$(COMPARISON)" $(COMPARE_ARGS)

pack: $(VENV)/installed
	$(RUN) -m scripts.pack --output "$(OUTPUT)" $(PACK_ARGS)

test: $(VENV)/installed-dev
	OMP_NUM_THREADS=1 $(RUN) -m pytest -n 2

$(LABEL_VENV)/installed: requirements-label.txt
	$(LABEL_PYTHON) -m venv $(LABEL_VENV)
	$(LABEL_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-label.txt
	@touch $@

test-label: $(VENV)/installed-dev $(LABEL_VENV)/installed
	OMP_NUM_THREADS=1 LABEL_VENV=$(abspath $(LABEL_VENV)) $(RUN) -m pytest tests/monai_label

$(VENV)/installed-federated: $(VENV)/installed-dev requirements-federated.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-federated.txt
	@touch $@

test-federated: $(VENV)/installed-federated
	OMP_NUM_THREADS=1 REQUIRE_NVFLARE=1 $(RUN) -m pytest tests/federated

lint: $(VENV)/installed-dev
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m mypy

format: $(VENV)/installed-dev
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

clean:
	rm -rf $(VENV) $(LABEL_VENV) data output compare
