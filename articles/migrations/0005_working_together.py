import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0004_sign_offs_again'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('block_uid', models.UUIDField(blank=True, help_text='The block it is about.', null=True)),
                ('field', models.CharField(blank=True, help_text='The field of the block or of the page.', max_length=60)),
                ('quote', models.CharField(blank=True, help_text='The words it is about, as they stood when it was written.', max_length=500)),
                ('text', models.TextField(max_length=4000)),
                ('at', models.DateTimeField()),
                ('changed_at', models.DateTimeField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='MissedSearch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('site', 'The whole site'), ('studies', 'The studies')], max_length=8)),
                ('words', models.CharField(max_length=100)),
                ('count', models.PositiveIntegerField(default=1)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
            ],
            options={
                'verbose_name_plural': 'missed searches',
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('move', 'A topic moved on'), ('assigned', 'You are asked for a review'), ('mention', 'You are mentioned'), ('comment', 'A comment on your part'), ('review due', 'A page is due for review')], max_length=12)),
                ('reminder_on', models.DateField(blank=True, help_text='The day on which this reminder was to be sent.', null=True)),
                ('text', models.CharField(help_text='What happened, in one sentence.', max_length=400)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('claimed_at', models.DateTimeField(blank=True, help_text='Since when somebody has been sending it by e-mail.', null=True)),
                ('mailed_at', models.DateTimeField(blank=True, help_text='When it was sent by e-mail, or passed over.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('move', 'A topic moved on'), ('assigned', 'You are asked for a review'), ('mention', 'You are mentioned'), ('comment', 'A comment on your part'), ('review due', 'A page is due for review')], max_length=12)),
                ('delivery', models.CharField(choices=[('at once', 'By e-mail at once'), ('daily', 'In one e-mail a day'), ('admin only', 'Only here in the admin')], default='at once', max_length=12)),
            ],
        ),
        migrations.CreateModel(
            name='OutsideLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=1000, unique=True)),
                ('status', models.CharField(choices=[('unchecked', 'Not checked yet'), ('works', 'Works'), ('moved', 'Moved for good'), ('unclear', 'Unclear'), ('broken', 'Broken')], default='unchecked', max_length=12)),
                ('answer', models.CharField(blank=True, help_text='What the other site said.', max_length=200)),
                ('moved_to', models.CharField(blank=True, max_length=1000)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('n_failures', models.PositiveSmallIntegerField(default=0, help_text='In a row.')),
            ],
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('has_changes', models.BooleanField(default=False, help_text='Something typed is not saved yet.')),
            ],
        ),
        migrations.AddField(
            model_name='previewgrant',
            name='may_sign',
            field=models.BooleanField(default=False, help_text='They may sign off what they read, if the topic takes outside sign-offs.'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='grant',
            field=models.ForeignKey(blank=True, help_text='The link by which somebody without an account signed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='articles.previewgrant'),
        ),
        migrations.AddField(
            model_name='signoff',
            name='name',
            field=models.CharField(blank=True, help_text='Who signed from outside, and what makes them an expert.', max_length=160),
        ),
        migrations.AddField(
            model_name='topic',
            name='deputy',
            field=models.ForeignKey(blank=True, help_text='A second person who hears when a review is due.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='topics_as_deputy', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='topic',
            name='takes_outside_sign_off',
            field=models.BooleanField(default=False, help_text='People without an account may sign the preview by a link made for them. That adds to the sign-offs that the topic needs and never replaces one.', verbose_name='outside sign-off'),
        ),
        migrations.AlterField(
            model_name='signoff',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='signoff',
            name='kind',
            field=models.CharField(choices=[('editorial', 'Editorial'), ('scientific', 'Scientific'), ('outside', 'Outside')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.UniqueConstraint(fields=('grant', 'digest'), name='sign_off_once_by_link'),
        ),
        migrations.AddConstraint(
            model_name='signoff',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('by__isnull', False), ('grant__isnull', True), ('name', '')), models.Q(('by__isnull', True), ('grant__isnull', False), ('kind', 'outside'), models.Q(('name', ''), _negated=True)), _connector='OR'), name='sign_off_by_account_or_link'),
        ),
        migrations.AddField(
            model_name='comment',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='mentioned',
            field=models.ManyToManyField(blank=True, related_name='mentions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='resolved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='resolved_comments', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='thread',
            field=models.ForeignKey(blank=True, help_text='The comment that this one answers.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='articles.comment'),
        ),
        migrations.AddField(
            model_name='comment',
            name='topic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='articles.topic'),
        ),
        migrations.AddConstraint(
            model_name='missedsearch',
            constraint=models.UniqueConstraint(fields=('place', 'words'), name='missed_search_unique'),
        ),
        migrations.AddField(
            model_name='notice',
            name='comment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='articles.comment'),
        ),
        migrations.AddField(
            model_name='notice',
            name='event',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='articles.event'),
        ),
        migrations.AddField(
            model_name='notice',
            name='to',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='topic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='articles.topic'),
        ),
        migrations.AddField(
            model_name='noticechoice',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notice_choices', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='outsidelink',
            name='editions',
            field=models.ManyToManyField(blank=True, related_name='outside_links', to='articles.edition'),
        ),
        migrations.AddField(
            model_name='presence',
            name='topic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='articles.topic'),
        ),
        migrations.AddField(
            model_name='presence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['topic', 'at'], name='comment_topic_at'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', True), ('resolved_by__isnull', True)), models.Q(('resolved_at__isnull', False), ('resolved_by__isnull', False)), _connector='OR'), name='comment_resolved_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('thread__isnull', True), models.Q(('block_uid__isnull', True), ('field', ''), ('quote', ''), ('resolved_at__isnull', True)), _connector='OR'), name='comment_answer_has_no_anchor'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['to', '-at'], name='notice_to_at'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('to', 'kind', 'event'), name='notice_once_per_event'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('to', 'kind', 'comment'), name='notice_once_per_comment'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('to', 'kind', 'topic', 'reminder_on'), name='notice_once_per_reminder'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.UniqueConstraint(fields=('user', 'kind'), name='notice_choice_unique'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('topic', 'user'), name='presence_unique'),
        ),
    ]
