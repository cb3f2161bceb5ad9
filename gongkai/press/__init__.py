"""Press 新闻发布: spokespersons, press conferences and interviews with their quota, and the accounts a government speaks through."""
