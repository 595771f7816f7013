"""One flat folder per scene. Delete a folder and the scene is gone."""
