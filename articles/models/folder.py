"""Where the images of the library are kept."""

from django.db import models
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import OrderableTreeNode
from tree_queries.query import TreeQuerySet


class FolderQuerySet(TreeQuerySet):
    def in_tree_order(self):
        return self.with_tree_fields()


class Folder(OrderableTreeNode):
    """A folder of the image library; it may hold others."""

    # Deleting a folder never deletes what is in it.
    parent = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="inside",
    )
    name = models.CharField(max_length=80)

    objects = FolderQuerySet.as_manager(with_tree_fields=False)

    class Meta(OrderableTreeNode.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="folder_name_unique",
                violation_error_message="There is a folder of this name here already.",
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(parent__isnull=True),
                name="folder_name_unique_at_the_top",
                violation_error_message="There is a folder of this name here already.",
            ),
        ]

    def __str__(self):
        return self.name
