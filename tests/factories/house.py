"""One object of every kind, all Ana's, and which of them each address is about."""

from collections.abc import Mapping

from annotation.models import AlertDismissal, ItemKind, Note, Review, Task, TaskKind, TaskState, Verdict
from annotation.services import (
    campaigns,
    comments,
    crowd_cutting,
    crowd_workers,
    exports,
    releases,
    schemas,
    uploads,
    webhooks,
)
from annotation.services.comments import At
from annotation.services.crowd_cutting import Wish
from annotation.services.uploads import Announced
from backend.accounts.models import Membership, Role
from backend.accounts.services import invitations, tokens
from tests.cast import Cast
from tests.factories import annotation, training
from tests.factories.atlases import atlas
from training.models import Comparison, JobPicture, Prediction, Promotion, Search
from training.models.jobs import Kind
from training.selectors.evaluations import Question
from training.services import evaluations, jobs, promotions

# Everything of Ana's is called so; nobody else may ever read it.
SECRET = "Zebrafish"


def furnish(cast: Cast) -> Mapping[str, str]:
    """Ana's lab, furnished; {`images`: id, …} by the first word of an address below /api/v1/."""
    cast.team.name = SECRET
    cast.team.save()
    project = annotation.make_project(cast.team, name=f"{SECRET} project")
    label_class = annotation.make_class(project, name=f"{SECRET} class")
    attribute = schemas.add_attribute(project=project, name=f"{SECRET} size", kind="NUMBER", by=cast.ana)
    dataset = annotation.make_dataset(project, name=f"{SECRET} dataset")
    image = annotation.make_image(dataset, shape_tzyx=(1, 1, 5, 8), pixels=True, name=f"{SECRET} image")
    branch = image.branches.get()
    revision = training.label(image, by=cast.ana)
    upload = uploads.announce(dataset=dataset, files=[Announced(f"{SECRET}.tif", 3)], by=cast.ana)
    release = releases.make(dataset=dataset, name=f"{SECRET} 1", which="HEAD", by=cast.ana)
    export = exports.ask(dataset=dataset, format="COCO", by=cast.ana)
    task = Task.objects.create(
        project=project, kind=TaskKind.LABEL, image=image, branch=branch, title=f"{SECRET} task",
        state=TaskState.SUBMITTED, assignee=cast.ben, submitted_revision=revision, created_by=cast.ana,
    )  # fmt: skip
    review = Review.objects.create(
        task=task, revision=revision, reviewer=cast.cleo, verdict=Verdict.RETURNED, comment=SECRET
    )
    note = Note.objects.create(review=review, task=task, t=0, z=0, y=1, x=1, text=SECRET, author=cast.cleo)
    snapshot = training.snapshot(dataset, by=cast.ana, name=f"{SECRET} snapshot")
    model = training.trained_model(snapshot, by=cast.ana, name=f"{SECRET} model")
    order = training.order(None, kind=Kind.PREDICT, trained_model=model, images=[image], name=f"{SECRET} job")
    job = jobs.start(project=project, order=order, by=cast.ana)
    JobPicture.objects.create(job=job, name="sample.png", caption=SECRET, key="pictures/sample.png")
    Prediction.objects.create(
        job=job, image=image, branch=branch, revision=revision, trained_model=model, object_count=2,
        created_at=job.created_at,
    )  # fmt: skip
    drawn = training.label(image, "9 9 . . . . . .\n" + ". . . . . . . .\n" * 4, accepted=False)
    asked = Question(project=project, predicted=drawn)
    evaluation, other = (evaluations.ask(question=asked, by=cast.ana) for _ in range(2))
    comparison = Comparison.objects.create(
        first=evaluation, second=other, notice=SECRET, heard_at=job.created_at, created_at=job.created_at
    )
    Promotion.objects.create(
        project=project, recipe="instances", number=1, trained_model=model, snapshot=snapshot, reason=SECRET,
        verdict=promotions.judge(trained_model=model).to_json(), promoted_at=job.created_at,
    )  # fmt: skip
    search = Search.objects.create(
        job=training.training(snapshot, by=cast.ana, name=f"{SECRET} search"), space={}, score="ap50",
        minutes=60, trial_minutes=10, created_at=job.created_at,
    )  # fmt: skip
    known = atlas(image, revision, model, by=cast.ana, name=f"{SECRET} map")
    comment = comments.write(image=image, text=f"{SECRET} here? @Ben", at=At(), by=cast.ana)
    webhook = webhooks.create(
        project=project, url=f"https://{SECRET.lower()}.example/", events=["task.assigned"], by=cast.ana
    )
    delivery = webhooks.try_out(webhook=webhook, by=cast.ana)
    campaign = campaigns.create(project=project, name=f"{SECRET} campaign", by=cast.ana)
    wish = Wish(kind=ItemKind.CENTRES, images=[image.pk])
    crowd_cutting.cut(campaign=campaign, wish=wish, by=cast.ana)
    campaigns.open(campaign=campaign, by=cast.ana)
    worker, _ = crowd_workers.join(campaign=campaign, consent=True)
    aside = AlertDismissal.objects.create(
        branch=branch, mark="0" * 32, kind="GAP", cell=1, t=0, reason=SECRET, author=cast.ana
    )
    token, _ = tokens.create(user=cast.ana, name=f"{SECRET} token")
    invitation, _ = invitations.create(team=cast.team, email="eve@lab.example", role=Role.VIEWER, by=cast.ana)
    rows = {
        "projects": project, "classes": label_class, "attributes": attribute, "datasets": dataset,
        "images": image, "branches": branch,
        "alert-dismissals": aside,
        "uploads": upload, "exports": export, "releases": release,
        "tasks": task, "notes": note, "snapshots": snapshot,
        "jobs": job, "trained-models": model, "evaluations": evaluation,
        "models": model, "searches": search, "atlases": known, "comparisons": comparison,
        "tokens": token, "teams": cast.team,
        "members": Membership.objects.get(team=cast.team, user=cast.ben),
        "comments": comment, "webhooks": webhook, "deliveries": delivery,
        "campaigns": campaign, "crowd-item": campaign.items.get(), "crowd-worker": worker,
        "invitation": invitation, "file": upload.files.get(), "person": cast.ben,
    }  # fmt: skip
    return {name: str(row.pk) for name, row in rows.items()}
