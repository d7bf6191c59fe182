"""The signed webhook: regional apps and providers hand complaints in as JSON and are called back; docs/webhook.md is their page."""
