"""The main job, run against scripts, against our simulator, and against engines of others."""
