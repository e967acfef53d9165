"""Speed and size of this project, as ratios against something measured in the same run."""
