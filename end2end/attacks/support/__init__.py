"""What the attacks have in common: servers, requests, websockets, people and checks. Must not know a single attack."""
