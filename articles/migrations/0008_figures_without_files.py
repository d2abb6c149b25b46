import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0007_figures_from_library'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='figure',
            name='file',
        ),
        migrations.RemoveField(
            model_name='figure',
            name='height',
        ),
        migrations.RemoveField(
            model_name='figure',
            name='width',
        ),
        migrations.AlterField(
            model_name='figure',
            name='alt',
            field=models.CharField(blank=True, help_text='What the image says here, for people who do not see it. Empty: as in the library.', max_length=300, verbose_name='text alternative'),
        ),
        migrations.AlterField(
            model_name='figure',
            name='caption',
            field=models.CharField(blank=True, help_text='Empty: as in the library.', max_length=300),
        ),
        migrations.AlterField(
            model_name='figure',
            name='credit',
            field=models.CharField(blank=True, help_text='Empty: as in the library.', max_length=160),
        ),
        migrations.AlterField(
            model_name='figure',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='articles.image'),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(('is_decorative', False), ('alt', ''), _connector='OR'), name='figure_decorative_without_alt', violation_error_message='A decorative image has no text alternative.'),
        ),
    ]
