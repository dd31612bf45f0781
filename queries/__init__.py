"""What can be asked: the metric language, the metric catalogue, the insights and the policy they obey."""
