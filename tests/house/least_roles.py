"""The least role that each operation of the OpenAPI document takes. A new operation must be entered here.

`tests/house/test_roles.py` asks every one of them as every role and compares.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from backend.accounts.models import Role


class Beyond(StrEnum):
    """What takes no role in a project or team."""

    OPEN = "anybody, without an account"
    ACCOUNT = "anybody who is signed in, about themselves or what is the same for everyone"


Least = Role | Beyond

# Operations on what is Ana's, by the least role that may do them. A stranger, and a guest of the team to whom
# the project is not opened, find nothing there.
IN_A_PROJECT: dict[Role, str] = {
    Role.VIEWER: """
        listAtlases getAtlas readAtlasClasses readAtlasCrops listLabellings listNeighbours readAtlasPoints
        getBranch listAlerts listCells listEdits countHumanLinks readFrame listLinks readMeasures
        readMeasuresTable tellPresence listRepairs listRevisions readStubs summariseBranch listTracks
        readTrack lookUpCells listComparisons getComparison listDatasets getDataset listExports listUploads
        listEvaluations getEvaluation readErrorMap listEvaluationFaults watchEvents getExport downloadExport
        listImages getImage listBranches compareLabels readEmbedding getThumbnail readZarr listJobs getJob
        getJobLog listJobPictures getJobPicture getJobProgress listPredictedImages listPredictions
        listProjects getProject listClasses listPeople getPromotionRule listPromotions getProposalRule
        listSearches getSearch listSnapshots getSnapshot listTasks getTask listTaskChanges listNotes
        listReviews listTrainedModels getTrainedModel readCellCrop listModelCells downloadTrainedModel
        explainCell askGate downloadLeaving getStarterPicture listUploadProposals getUpload
        estimateJob previewSnapshot prepareLeaving askModel promptImage
        listUncertainLinks getCampaign listCampaignAnswers getCampaignAnswerTable
        listCampaignItems getCampaignItemPicture getCampaignResults listCampaignWorkers listCampaigns
        listReleases getRelease packageRelease downloadCitation proveRelease compareReleases readAtlasLikeness
        readAtlasReview readAtlasAttribute readThroughput listComments listProjectComments getComment
        getSchema listSchemaVersions listAttributes
        getReviewRule getStandingRule listReviewSigns listChangedAfterAcceptance listAcceptedByRule
    """,
    Role.ANNOTATOR: """
        reserveCellIds restoreRevision commitEdits resolveNote takeNextTask peekNextTask labelCells
        undoLabelling writeComment changeComment answerLinks branchRelease dismissAlert
        bringAlertBack
    """,
    Role.REVIEWER: """
        acceptRevision createReview askReview listRatings readAgreement readDifferencePicture settleRating
        listAudit exportAudit readAuditWords revertEdits previewRevert
    """,
    Role.MANAGER: """
        previewMigration migrateSchema takeBackSchema orderClasses createAttribute updateAttribute
        deleteAttribute
        makeAtlas renameAtlas deleteAtlas updateClass deleteClass createComparison createDataset
        updateDataset createExport createUpload createEvaluation deleteEvaluation updateImage startJob
        cancelJob retryJob updateProject createClass giveRole takeRole createPromotion
        setProposalRule startSearch stopSearch createSnapshot createTask
        assignTask cancelTask releaseTask submitTask changeTrainedModel deleteTrainedModel
        sendChunk finishUpload setReviewRule
        shareOutTasks askRatings setStandingRule
        deleteComment listWebhooks createWebhook changeWebhook deleteWebhook tryWebhook
        createCampaign updateCampaign deleteCampaign aggregateCampaign checkCampaignBatch closeCampaign
        cutCampaignItems addCampaignGold renewCampaignLink openCampaign pauseCampaign stitchCampaign
        excludeCampaignWorker deleteCampaignWorker getCampaignBatch createRelease restoreRelease
        listDeliveries tryDeliveryAgain deleteDataset deleteImage
    """,
    Role.OWNER: """
        deleteProject setPromotionRule
    """,
}

# Operations on the team itself: every guest is a stranger to them.
IN_A_TEAM: dict[Role, str] = {
    Role.VIEWER: "listTeams getTeam listMembers",
    Role.MANAGER: "createProject",
    Role.OWNER: """
        updateTeam updateMember removeMember listInvitations createInvitation addMember withdrawInvitation
    """,
}

BEYOND: dict[Beyond, str] = {
    Beyond.OPEN: """
        getHealth getSession signIn signOut getInvitation acceptInvitation readCrowdLink joinCrowd
        takeNextCrowdItem getCrowdPicture answerCrowdItem readCrowdLeaderboard forgetCrowdWorker
    """,
    Beyond.ACCOUNT: """
        getMe updateMe changePassword listTokens createToken revokeToken createTeam listRecipes
        getPromptModel readPromptModelFile listNotifications readNotifications getMailChoice chooseMail
    """,
}

# What everybody may do with their own: Ben holds the task, and the membership asked about is his.
BENS_OWN = {"submitTask", "releaseTask", "removeMember", "revertEdits", "previewRevert"}
# What the furnished lab does not hold, or holds too small to be found: 404 says nothing of roles.
HIDDEN = {
    "undoLabelling", "getJobPicture", "withdrawInvitation", "listModelCells", "getStarterPicture", "askModel",
    "bringAlertBack", "getCampaignItemPicture", "settleRating",
    "readDifferencePicture",
}  # fmt: skip


def _spread(table: Mapping[Any, str]) -> dict[str, Least]:
    return {name: least for least, names in table.items() for name in names.split()}


PROJECT_LEVEL = _spread(IN_A_PROJECT)
TEAM_LEVEL = _spread(IN_A_TEAM)
LEAST = {**PROJECT_LEVEL, **TEAM_LEVEL, **_spread(BEYOND)}
