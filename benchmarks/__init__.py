"""Speed and endurance, shown side by side in one run; nothing here is asserted as seconds in a test.

`python -m benchmarks` runs the tables; `python -m benchmarks.crash` the storm of kills.
"""
