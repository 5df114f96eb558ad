"""The addresses of the training app, below /api/v1/."""

from django.urls import path

from training.api import (
    evaluations,
    jobs,
    leaving,
    predicted_images,
    promotions,
    prompting,
    snapshots,
    trained_models,
)

urlpatterns = [
    path("recipes/", jobs.RecipesView.as_view()),
    path("snapshots/", snapshots.SnapshotsView.as_view()),
    path("snapshots/preview/", snapshots.SnapshotPreviewView.as_view()),
    path("snapshots/<uuid:pk>/", snapshots.SnapshotView.as_view()),
    path("jobs/", jobs.JobsView.as_view()),
    path("jobs/estimate/", jobs.JobEstimateView.as_view()),
    path("jobs/<uuid:pk>/", jobs.JobView.as_view()),
    path("jobs/<uuid:pk>/cancel/", jobs.JobCancelView.as_view()),
    path("jobs/<uuid:pk>/retry/", jobs.JobRetryView.as_view()),
    path("jobs/<uuid:pk>/progress/", jobs.JobProgressView.as_view()),
    path("jobs/<uuid:pk>/pictures/", jobs.JobPicturesView.as_view()),
    path("jobs/<uuid:pk>/pictures/<str:name>/", jobs.JobPictureView.as_view()),
    path("jobs/<uuid:pk>/log/", jobs.JobLogView.as_view()),
    path("trained-models/", trained_models.TrainedModelsView.as_view()),
    path("trained-models/<uuid:pk>/", trained_models.TrainedModelView.as_view()),
    path("trained-models/<uuid:pk>/download/", trained_models.TrainedModelDownloadView.as_view()),
    path("trained-models/<uuid:pk>/leaving/", leaving.LeavingsView.as_view()),
    path("trained-models/<uuid:pk>/leaving/<str:form>/", leaving.LeavingView.as_view()),
    path("models/<uuid:pk>/predict", leaving.ModelPredictView.as_view()),
    path("prompt-models/current/", prompting.CurrentPromptModelView.as_view()),
    path("prompt-models/<str:digest>/<str:name>", prompting.PromptModelFileView.as_view()),
    path("images/<uuid:pk>/embedding/", prompting.EmbeddingView.as_view()),
    path("images/<uuid:pk>/prompts/", prompting.PromptsView.as_view()),
    path("predictions/", trained_models.PredictionsView.as_view()),
    path("predicted-images/", predicted_images.PredictedImagesView.as_view()),
    path("evaluations/", evaluations.EvaluationsView.as_view()),
    path("evaluations/<uuid:pk>/", evaluations.EvaluationView.as_view()),
    path("evaluations/<uuid:pk>/faults/", evaluations.EvaluationFaultsView.as_view()),
    path("comparisons/", evaluations.ComparisonsView.as_view()),
    path("comparisons/<uuid:pk>/", evaluations.ComparisonView.as_view()),
    path("promotions/", promotions.PromotionsView.as_view()),
    path("trained-models/<uuid:pk>/gate/", promotions.GateView.as_view()),
]
