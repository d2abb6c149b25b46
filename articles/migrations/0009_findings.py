import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0008_figures_without_files'),
        ('evidence', '0003_rights_to_assess'),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(max_length=255)),
                ('ordering', models.IntegerField(default=0)),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(help_text='For example “Walking and gait”.', max_length=60)),
                ('anchor', models.SlugField(help_text='Part of the address after #. Keep it, since others may link to it.', max_length=60)),
                ('statement', models.CharField(blank=True, help_text='What readers are told, in one sentence. Empty means the sentence of the assessment. It is compared with the certainty: a sentence that claims too much stops the page.', max_length=400)),
                ('glance', models.CharField(blank=True, help_text='The same, shorter, for the top of the page. Empty means the statement.', max_length=200, verbose_name='at a glance')),
                ('text', models.TextField(blank=True, help_text='What was done and found, in one or two short paragraphs.')),
                ('conclusion', models.ForeignKey(blank=True, help_text='What it rests on. Without one it cannot be published.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='evidence.conclusion')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s_set', to='articles.topic')),
            ],
            options={
                'verbose_name': 'finding',
                'ordering': ['ordering'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='EditionLens',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('population', models.SlugField(help_text='The slug of the group, as in the address.', max_length=80)),
                ('body_html', models.TextField()),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lenses', to='articles.edition')),
            ],
            options={
                'verbose_name': 'edition for a group',
                'constraints': [models.UniqueConstraint(fields=('edition', 'population'), name='edition_lens_unique')],
            },
        ),
    ]
