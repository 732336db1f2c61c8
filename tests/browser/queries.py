"""What people type into the search box, and the page that must be among the first five; by what is hard about it.

Written down from the list of works before the search was run on any; then one that named no page was corrected.
"""

TITLES = {
    "spurious": "papers/spurious-rewards/",
    "spurious rewards": "papers/spurious-rewards/",
    "tinyzero": "papers/tinyzero/",
    "draft": "papers/chain-of-draft/",
    "understanding r1-zero": "papers/understanding-r1-zero/",
    "overthinking": "papers/stop-overthinking-survey/",
    "appworld": "papers/appworld/",
    "razor": "papers/rl-razor/",
    "four habits": "papers/cognitive-behaviors/",
    "less is more": "papers/limo/",
    "s1": "papers/s1/",
    "the first few tokens are all you need": "papers/first-few-tokens-upft/",
    "self-taught reasoner": "papers/start/",
    "does rl really incentivize reasoning beyond the base model": "papers/limit-of-rlvr/",
    "echo chamber": "papers/echo-chamber/",
}
IDS = {
    "2503.20783": "papers/understanding-r1-zero/",
    "arXiv:2501.12948": "papers/deepseek-r1/",
    "2402.03300": "papers/grpo/",
    "https://arxiv.org/abs/2501.19393": "papers/s1/",
    "2504.13837v2": "papers/limit-of-rlvr/",
    "2503.04": "papers/l1-lcpo/",
}
AUTHORS = {
    "Fuli Luo": "papers/deepseek-r1/",
    "Zhen Zhang": "papers/deepseek-r1/",
    "Jiayi Pan": "papers/tinyzero/",
    "Shao Zhihong": "papers/grpo/",
    "Muennighoff": "papers/s1/",
    "Krähenbühl": "papers/loop-appworld/",
    "Schulman": "papers/ppo/",
    "Noah Goodman": "papers/cognitive-behaviors/",
    "Hashimoto": "papers/s1/",
}
AUTHOR_AND_WORD = {
    "gandhi habits": "papers/cognitive-behaviors/",
    "yue base model": "papers/limit-of-rlvr/",
    "liu aha moment": "papers/oat-zero/",
    "snell test-time compute": "papers/test-time-compute-optimal/",
    "shenfeld forgetting": "papers/rl-razor/",
    "aggarwal length": "papers/l1-lcpo/",
    "zettlemoyer rewards": "papers/spurious-rewards/",
    "zhao pretraining amplifies": "papers/echo-chamber/",
    "nanda reasoning steps": "papers/thought-anchors/",
    "stoica code generation": "papers/s-star/",
}
TYPOS = {
    "spurius rewards": "papers/spurious-rewards/",
    "deepsek r1": "papers/deepseek-r1/",
    "muenighoff": "papers/s1/",
    "reinforcment as a pretraining objective": "papers/rlp/",
    "cognitve behaviours": "papers/cognitive-behaviors/",
    "schulmann proximal": "papers/ppo/",
    "tokenskp": "papers/tokenskip/",
    "thougth anchors": "papers/thought-anchors/",
    "distilation scaling laws": "papers/distillation-scaling-laws/",
    "retreival augmented": "papers/corag/",
}
ACCENTS = {
    "krahenbuhl": "papers/loop-appworld/",
    "Gallouedec": "papers/trl/",
    "gallouédec": "papers/trl/",
    "Náthan Goodmán": "papers/cognitive-behaviors/",
}
METHODS = {
    "GRPO": "methods/grpo/",
    "Group Relative Policy Optimization": "methods/grpo/",
    "clip-higher": "methods/dapo/",
    "Dr. GRPO": "methods/dr-grpo/",
    "o1": "papers/openai-o1/",
    "R1": "papers/deepseek-r1/",
    "PPO": "papers/ppo/",
    "budget forcing": "papers/s1/",
    "lcpo": "papers/l1-lcpo/",
    "self-consistency": "methods/majority-voting/",
    "countdown": "benchmarks/countdown/",
}
WHAT_IS_SAID = {
    "threshold countdown": "papers/tinyzero/",
    "how little data": "questions/how-little-data/",
    "random reward improves accuracy": "papers/spurious-rewards/",
    "confidence filtered voting": "papers/deepconf/",
    "pass@k base model solves more problems": "papers/limit-of-rlvr/",
    "dividing by the standard deviation": "papers/understanding-r1-zero/",
    "knights and knaves": "papers/logic-rl/",
    "appending wait": "papers/s1/",
    "reproduce in five minutes": "reproduce/",
}
QUERIES = TITLES | IDS | AUTHORS | AUTHOR_AND_WORD | TYPOS | ACCENTS | METHODS | WHAT_IS_SAID
