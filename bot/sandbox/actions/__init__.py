"""What people and the App can do: each action changes the state and tells what happened, as GitHub would."""
