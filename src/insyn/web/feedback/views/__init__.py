"""Pages: what anybody sends and follows, what offices do with it, subscriptions and feeds."""
