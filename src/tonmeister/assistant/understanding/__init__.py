"""What a person says about a mix becomes intents: by vocabulary and grammar, without a language model."""
