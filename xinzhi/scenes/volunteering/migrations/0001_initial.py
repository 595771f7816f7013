import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('regions', '0002_path_ends_in_own_id'),
        ('residents', '0004_life_events'),
    ]

    operations = [
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=40)),
                ('state_since', models.DateTimeField()),
                ('title', models.CharField(max_length=60)),
                ('place', models.CharField(max_length=60)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('places', models.PositiveSmallIntegerField()),
                ('taken', models.PositiveSmallIntegerField(default=0)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), default=list, size=None)),
                ('insurance', models.CharField(help_text='what the volunteers are insured by, or that they are not', max_length=200)),
                ('organiser_key', models.CharField(max_length=40)),
                ('request_key', models.UUIDField(unique=True)),
                ('village', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
        ),
        migrations.CreateModel(
            name='Certificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hours_tenths', models.PositiveIntegerField()),
                ('until_day', models.DateField()),
                ('code', models.CharField(max_length=16, unique=True)),
                ('issued_at', models.DateTimeField()),
                ('issued_by_key', models.CharField(max_length=40)),
                ('request_key', models.UUIDField(unique=True)),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.household')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.person')),
                ('village', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
        ),
        migrations.CreateModel(
            name='Hours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=40)),
                ('state_since', models.DateTimeField()),
                ('source', models.CharField(max_length=8)),
                ('served_on', models.DateField()),
                ('came_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('closed_by_end', models.BooleanField(default=False, help_text='nobody checked out: the end of the activity did')),
                ('hours_tenths', models.PositiveIntegerField(default=0)),
                ('edition', models.PositiveSmallIntegerField(default=1)),
                ('deed_told', models.BooleanField(default=False)),
                ('confirmed_by_key', models.CharField(blank=True, max_length=40)),
                ('request_key', models.UUIDField(unique=True)),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hours', to='volunteering.activity')),
                ('household', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.household')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.person')),
                ('village', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
        ),
        migrations.CreateModel(
            name='SignUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(blank=True, max_length=20)),
                ('status', models.CharField(max_length=8)),
                ('signed_at', models.DateTimeField()),
                ('off_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.CharField(max_length=12)),
                ('request_key', models.UUIDField(unique=True)),
                ('activity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_ups', to='volunteering.activity')),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.household')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='residents.person')),
                ('village', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region')),
            ],
        ),
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['village', '-id'], name='activity_village_newest'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='activity_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('places__range', (1, 500))), name='activity_places'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('taken__lte', models.F('places'))), name='activity_not_oversold'),
        ),
        migrations.AddConstraint(
            model_name='certificate',
            constraint=models.CheckConstraint(condition=models.Q(('hours_tenths__gt', 0)), name='certificate_of_something'),
        ),
        migrations.AddIndex(
            model_name='hours',
            index=models.Index(fields=['village', '-id'], name='hours_village_newest'),
        ),
        migrations.AddIndex(
            model_name='hours',
            index=models.Index(fields=['household', '-id'], name='hours_household_newest'),
        ),
        migrations.AddIndex(
            model_name='hours',
            index=models.Index(fields=['person', 'served_on'], name='hours_person_day'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('activity', 'person'), name='hours_once_an_activity'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'present')), fields=('person',), name='hours_one_place'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ('code', 'ticked'))), name='hours_source'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.CheckConstraint(condition=models.Q(('state', 'present'), ('left_at__isnull', False), ('state', 'withdrawn'), _connector='OR'), name='hours_left'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), ('hours_tenths__gt', 0), _connector='OR'), name='hours_of_something'),
        ),
        migrations.AddConstraint(
            model_name='signup',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'off'), _negated=True), fields=('activity', 'person'), name='sign_up_once'),
        ),
        migrations.AddConstraint(
            model_name='signup',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('taken', 'waiting', 'off'))), name='sign_up_status'),
        ),
    ]
