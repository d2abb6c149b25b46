import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0005_working_together'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EditionImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'image of an edition',
                'verbose_name_plural': 'images of editions',
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Folder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField(db_index=True, default=0)),
                ('name', models.CharField(max_length=80)),
            ],
            options={
                'ordering': ['position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Image',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(help_text='By which editors find it. Readers do not see it.', max_length=120)),
                ('file', models.FileField(editable=False, upload_to='')),
                ('width', models.PositiveIntegerField(editable=False)),
                ('height', models.PositiveIntegerField(editable=False)),
                ('size', models.PositiveIntegerField(editable=False, help_text='Bytes.')),
                ('digest', models.CharField(blank=True, db_index=True, editable=False, help_text='SHA-256 of the file as it was uploaded, to notice it when it comes again.', max_length=64)),
                ('alt', models.CharField(blank=True, help_text='What the image says, for people who do not see it. A figure may have its own words.', max_length=300, verbose_name='text alternative')),
                ('caption', models.CharField(blank=True, help_text='For figures that have none of their own.', max_length=300)),
                ('credit', models.CharField(blank=True, help_text='Who made it, as readers see it.', max_length=160)),
                ('licence', models.CharField(blank=True, help_text='By which right we show it, for example “CC BY 4.0”.', max_length=120)),
                ('source', models.URLField(blank=True, help_text='Where it comes from.', max_length=500)),
                ('focal_x', models.PositiveSmallIntegerField(default=50, help_text='In percent. Crops keep this point in sight.', verbose_name='focal point from the left')),
                ('focal_y', models.PositiveSmallIntegerField(default=50, help_text='In percent.', verbose_name='focal point from the top')),
                ('added_at', models.DateTimeField(editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('page', 'On pages'), ('share', 'Where links are shown')], default='page', max_length=8)),
                ('type', models.CharField(choices=[('image/jpeg', 'JPEG'), ('image/png', 'PNG'), ('image/webp', 'WebP')], max_length=12)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('size', models.PositiveIntegerField(help_text='Bytes.')),
                ('file', models.FileField(upload_to='')),
                ('focal_point', models.CharField(blank=True, help_text='About which it was cropped, if it was: “50x50”.', max_length=8)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='editionimage',
            name='edition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shown_images', to='articles.edition'),
        ),
        migrations.AddField(
            model_name='folder',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='articles.folder', verbose_name='inside'),
        ),
        migrations.AddField(
            model_name='image',
            name='added_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='images', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='image',
            name='folder',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='images', to='articles.folder'),
        ),
        migrations.AddField(
            model_name='editionimage',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='in_editions', to='articles.image'),
        ),
        migrations.AddField(
            model_name='edition',
            name='images',
            field=models.ManyToManyField(blank=True, help_text='What it shows, so that their files stay.', related_name='editions', through='articles.EditionImage', to='articles.image'),
        ),
        migrations.AddField(
            model_name='topic',
            name='image',
            field=models.ForeignKey(blank=True, help_text='For shared links, cropped about its focal point. The page itself shows figures.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='topics', to='articles.image'),
        ),
        migrations.AddField(
            model_name='rendition',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='articles.image'),
        ),
        migrations.AddConstraint(
            model_name='folder',
            constraint=models.UniqueConstraint(fields=('parent', 'name'), name='folder_name_unique', violation_error_message='There is a folder of this name here already.'),
        ),
        migrations.AddConstraint(
            model_name='folder',
            constraint=models.UniqueConstraint(condition=models.Q(('parent__isnull', True)), fields=('name',), name='folder_name_unique_at_the_top', violation_error_message='There is a folder of this name here already.'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(fields=['-added_at'], name='image_added_at'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.UniqueConstraint(fields=('file',), name='image_file_unique'),
        ),
        migrations.AddConstraint(
            model_name='image',
            constraint=models.CheckConstraint(condition=models.Q(('focal_x__lte', 100), ('focal_y__lte', 100)), name='image_focal_point_inside', violation_error_message='The focal point is inside the image: 0 to 100 percent.'),
        ),
        migrations.AddConstraint(
            model_name='editionimage',
            constraint=models.UniqueConstraint(fields=('edition', 'image'), name='edition_image_unique'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.UniqueConstraint(fields=('file',), name='rendition_file_unique'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.UniqueConstraint(fields=('image', 'purpose', 'type', 'width', 'focal_point'), name='rendition_once'),
        ),
        migrations.RenameField(model_name='figure', old_name='image', new_name='file'),
        migrations.AlterField(
            model_name='figure',
            name='file',
            field=models.ImageField(blank=True, default='', height_field='height', upload_to='figures', width_field='width'),
        ),
        migrations.AddField(
            model_name='figure',
            name='image',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='articles.image'),
        ),
        migrations.RemoveConstraint(
            model_name='figure',
            name='figure_alt_or_decorative',
        ),
    ]
