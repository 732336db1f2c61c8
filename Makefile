# The words that people and CI use. Whatever needs .venv makes it first; `make help` lists the words.
#   make demo PYTHON=/usr/bin/python3.12    takes that Python instead of the first that fits
#   PIP_EXTRA_INDEX_URL, PIP_FIND_LINKS...  pip's own settings decide where packages come from

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test site serve check preview proposal refresh links smoke bench test-browser test-vllm pins clean

# one thread per process: runs lie side by side, and small models are slower with more
export OMP_NUM_THREADS ?= 1
export NO_MKDOCS_2_WARNING := 1

PYTHONS = $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3)
PIP = .venv/bin/python -m pip --disable-pip-version-check -qq install --constraint pins.txt
# without what it asks for: only its generators are imported, which need nothing that is not here
GYM = reasoning-gym==0.1.25
TORCH = $(shell sed -n 's/^torch==//p' pins.txt)

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: .venv/.lab ## a quick look at one claim, then the site with it on 127.0.0.1
	@.venv/bin/python -m tooling.demo

test: .venv/.lab ## the tests, offline (tests/browser apart)
	@.venv/bin/python -m pytest --numprocesses auto --dist loadfile -m "not alone"
	@.venv/bin/python -m pytest -m alone $$(grep -rl --include='test_*.py' --exclude-dir=browser 'mark\.alone' tests)

site: .venv/.site ## build the site into .build/site, strictly; needs no torch
	@.venv/bin/tooling site

serve: .venv/.site ## serve the site on 127.0.0.1:8000 and rebuild it on changes
	@.venv/bin/tooling site --serve

check: .venv/.lab ## the cards by `tooling check`, the code by ruff
	@.venv/bin/tooling check
	@.venv/bin/ruff check .

preview: .venv/.site ## what changed cards will look like against BASE (HEAD), into .build/report/preview.md
	@mkdir -p .build/report
	@.venv/bin/tooling preview "$(or $(BASE),HEAD)" > .build/report/preview.md
	@if [ -n "$$GITHUB_STEP_SUMMARY" ]; then cat .build/report/preview.md >> "$$GITHUB_STEP_SUMMARY"; fi

proposal: .venv/.site ## the card that the issue in the file ISSUE yields, into .build/report/proposal.md
	@mkdir -p .build/report
	@.venv/bin/tooling from-issue "$${ISSUE:-$$GITHUB_EVENT_PATH}" > .build/report/proposal.md || test -s .build/report/proposal.md

refresh: .venv/.site ## what arXiv says otherwise than the cards, into .build/report/refresh.md; changes nothing
	@mkdir -p .build/report
	@.venv/bin/tooling refresh --dry-run > .build/report/refresh.md || test $$? -eq 5

links: .venv/.site ## whether all addresses answer, into .build/report/links.md (up to half an hour)
	@mkdir -p .build/report
	@.venv/bin/tooling links > .build/report/links.md || test $$? -eq 5

smoke: .venv/.lab ## every reproduction at scale smoke, in one process
	@.venv/bin/python -m pytest tests/test_repro_scripts.py

bench: .venv/.lab ## time the site, the cards, the graders and the training layer; tables, and JSON in .build/bench
	@.venv/bin/python tests/benchmarks/survey.py
	@.venv/bin/python tests/benchmarks/growth.py
	@.venv/bin/python tests/benchmarks/site.py
	@.venv/bin/python tests/benchmarks/graders.py
	@.venv/bin/python tests/benchmarks/lab.py

test-browser: .venv/.lab ## the built site in Chromium (Debian's chromium and libatomic1)
	@.venv/bin/python -m pytest tests/browser

test-vllm: .venv-vllm/.made ## the sampler of vLLM against that of transformers, on the CPU (Debian's g++, python3-dev and libnuma1)
	@.venv-vllm/bin/python -m pytest -W default tests/vllm

pins: .venv/.lab ## write pins.txt from what .venv holds, after trying newer versions there
	@grep '^#' pins.txt > .venv/pins.txt
	@.venv/bin/python -m pip freeze --all --exclude-editable --exclude pip --exclude wheel --exclude reasoning_gym 2>/dev/null \
	  | sed 's/+cpu$$//' >> .venv/pins.txt
	@mv .venv/pins.txt pins.txt

clean: ## remove what was built (recorded results stay; .venv and caches too)
	@rm -rf .build/site .build/pages .build/bench

# The first Python that is new enough and can make virtual environments; Debian has the latter in a package of its own.
.venv/bin/pip:
	@old=; bare=; found=; \
	for name in $(PYTHONS); do \
	  version=$$("$$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  if ! "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then old="$$old $$name ($$version)"; continue; fi; \
	  if ! "$$name" -c 'import ensurepip, venv' 2>/dev/null; then \
	    case "$$bare " in *" $$version "*) ;; *) bare="$$bare $$version";; esac; continue; fi; \
	  found=$$name; break; \
	done; \
	if [ -n "$$found" ]; then \
	  echo "setup  a virtual environment in .venv with Python $$version, about 10 s"; \
	  "$$found" -m venv .venv; \
	elif [ -n "$$bare" ]; then \
	  package=python3-venv; \
	  plain=$$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null); \
	  case " $$bare " in *" $$plain "*) ;; *) package=python$${bare##* }-venv;; esac; \
	  echo "make: Python$$bare cannot make virtual environments; type this line, then make again:" >&2; \
	  echo "  sudo apt-get install $$package" >&2; exit 1; \
	elif [ -n "$$old" ]; then \
	  echo "make: Python 3.11 or newer is needed, found only$$old; name a newer one: make PYTHON=python3.12" >&2; exit 1; \
	else \
	  echo "make: no Python found as $(PYTHONS); type this line, then make again:" >&2; \
	  echo "  sudo apt-get install python3 python3-venv" >&2; exit 1; \
	fi

.venv/.site: pyproject.toml pins.txt | .venv/bin/pip
	@echo "setup  the packages of the site and the command, about 30 s"
	@$(PIP) setuptools
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# A machine without an NVIDIA card needs only the CPU build of PyTorch, where pip's settings offer one. Only what a run
# imports is compiled: all of it would take a minute more.
.venv/.lab: .venv/.site
	@echo "setup  PyTorch, the training stack and the test tools, 2 to 5 minutes (about 2 GB on disk)"
	@if command -v nvidia-smi >/dev/null || ! $(PIP) --no-compile "torch==$(TORCH)+cpu" 2>/dev/null; then \
	  echo "       PyTorch in the build that pip's index has; on Linux that brings the CUDA libraries"; fi
	@$(PIP) --no-compile --no-build-isolation --editable '.[repro,dev]'
	@$(PIP) --no-compile --no-deps $(GYM)
	@PYTHONDONTWRITEBYTECODE= .venv/bin/python -c 'import tooling.train.trl_adapter'
	@touch $@

# vLLM on the CPU, in an environment of its own that lies on top of .venv: its build wants the CPU build of PyTorch that is
# there, and asks for torchvision, torchaudio and torchcodec, which fail beside it. So exactly what is listed is installed.
.venv-vllm/.made: tests/vllm/pins.txt .venv/.lab
	@lacks=; \
	PATH="$$PATH:/sbin" ldconfig -p | grep -q 'libnuma\.so\.1' || lacks="$$lacks libnuma1"; \
	command -v g++ >/dev/null || lacks="$$lacks g++"; \
	test -f "$$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" || lacks="$$lacks python3-dev"; \
	if [ -n "$$lacks" ]; then \
	  echo "make: vLLM compiles its kernels for the CPU and lacks something; type this line, then make again:" >&2; \
	  echo "  sudo apt-get install$$lacks" >&2; exit 1; fi
	@echo "setup  vLLM for the CPU, 1 to 4 minutes (about 1 GB on disk)"
	@rm -rf .venv-vllm
	@.venv/bin/python -m venv .venv-vllm
	@.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > "$$(.venv-vllm/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/lab.pth"
	@.venv-vllm/bin/python -m pip --disable-pip-version-check -qq install --no-compile --no-deps --requirement $<
	@touch $@
