using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Engines.Tests.Contract;

/// <summary>What every driver must do, whatever its engine. An engine passes by a class that gives its fixture.</summary>
public abstract class DriverContract
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    /// <summary>A cluster whose member has something to free.</summary>
    protected abstract Task<IEngineFixture> Fixture();

    [SkippableFact]
    public async Task Discovery_names_every_member_and_its_replica_set()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();

        var topology = await cluster.Discover(CancellationToken.None);

        Assert.Contains(topology.ReplicaSets, set => set.Members.Contains(fixture.Member));
        Assert.NotEqual("", topology.Addresses[fixture.Member]);
        Assert.Equal(fixture.Member, cluster.Member(fixture.Member).Name);
    }

    [SkippableFact]
    public async Task A_member_that_serves_is_online_and_tells_what_it_can_do()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();

        var seen = await (await MemberOf(cluster, fixture)).Observe(CancellationToken.None);

        Assert.Equal((NodeState.Online, ""), (seen.State, seen.Reason));
        Assert.NotEmpty(seen.Capabilities.Modes);
        Assert.NotEqual("", seen.Version);
    }

    [SkippableFact]
    public async Task The_inventory_has_sizes_and_estimates_that_fit_together()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);

        var inventory = await member.Inventory(new InventoryRequest(fixture.Settings.Mode, OptionValues.None), CancellationToken.None);

        Assert.NotEmpty(inventory.Units);
        Assert.All(inventory.Units, unit => Assert.InRange(unit.BytesFreed, 0, unit.Size.FileBytes));
        Assert.Contains(inventory.Units, unit => unit.BytesFreed > 0);
        Assert.Equal(inventory.Units.Count, inventory.Units.Select(unit => unit.Size.Unit).Distinct().Count());
        var sets = (await cluster.Discover(CancellationToken.None)).ReplicaSets.Where(set => set.Members.Contains(fixture.Member)).Select(set => set.Name).ToList();
        Assert.All(inventory.Units, unit => Assert.Contains(unit.ReplicaSet, sets.Count > 1 ? sets : ["", .. sets]));
    }

    [SkippableFact]
    public async Task A_job_frees_what_was_estimated_and_tells_it()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);
        var order = await OrderFor(member, fixture);

        var job = await member.Start(order, CancellationToken.None);
        var done = Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, job));

        Assert.Equal(order.Units.Select(size => size.Unit), done.Units.Select(unit => unit.Unit));
        Assert.True(done.Units.Sum(unit => unit.BytesFreed) > 0);
        Assert.Equal(("", 1), (done.Judged, fixture.JobsStarted));
        Assert.Equal(NodeState.Online, (await member.Observe(CancellationToken.None)).State);
    }

    [SkippableFact]
    public async Task A_member_at_work_is_seen_at_work()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);
        var order = await OrderFor(member, fixture);
        fixture.Hold();

        var job = await member.Start(order, CancellationToken.None);
        await Until(async () => fixture.JobsStarted == 1 && await member.Poll(order, job, CancellationToken.None) is JobStatus.Running);
        var seen = await member.Observe(CancellationToken.None);
        fixture.Release();

        Assert.Equal(
            seen.Capabilities.InMode(order.Settings.Mode).Availability switch
            {
                CompactionAvailability.Serving or CompactionAvailability.ReadsOnly => NodeState.Compacting,
                CompactionAvailability.Recovering => NodeState.Recovering,
                _ => NodeState.Offline,
            },
            seen.State);
        Assert.NotEqual("", seen.Reason);
        Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, job));
    }

    [SkippableFact]
    public async Task A_job_outlives_the_orchestrator_and_is_polled_by_the_next_one()
    {
        await using var fixture = await Fixture();
        var first = fixture.Open();
        var order = await OrderFor(await MemberOf(first, fixture), fixture);
        fixture.Hold();
        var job = await first.Member(fixture.Member).Start(order, CancellationToken.None);
        await Until(() => Task.FromResult(fixture.JobsStarted == 1));
        await first.DisposeAsync();

        await using var second = fixture.Open();
        var member = await MemberOf(second, fixture);
        var during = await member.Poll(order, job, CancellationToken.None);
        var seen = await member.Observe(CancellationToken.None);
        fixture.Release();
        var done = Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, job));

        Assert.IsType<JobStatus.Running>(during);
        Assert.NotEqual(NodeState.Online, seen.State);
        Assert.True(done.Units.Sum(unit => unit.BytesFreed) > 0, "the freed bytes are credited to nobody");
        Assert.Equal(1, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task A_job_whose_id_nobody_has_stored_is_found_again()
    {
        await using var fixture = await Fixture();
        var first = fixture.Open();
        var order = await OrderFor(await MemberOf(first, fixture), fixture);
        fixture.Hold();
        await first.Member(fixture.Member).Start(order, CancellationToken.None);
        await Until(() => Task.FromResult(fixture.JobsStarted == 1));
        await first.DisposeAsync();

        await using var second = fixture.Open();
        var member = await MemberOf(second, fixture);
        var found = await member.Find(order, CancellationToken.None);
        if (!fixture.ShowsJobsWithoutId)
        {
            Assert.Null(found);
            var again = await member.Start(order, CancellationToken.None);
            fixture.Release();
            Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, again));
            Assert.Equal(1, fixture.JobsStarted);
            return;
        }

        Assert.NotNull(found);
        Assert.IsType<JobStatus.Running>(await member.Poll(order, found, CancellationToken.None));
        fixture.Release();

        Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, found));
        Assert.Equal(1, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task A_job_that_ended_while_nobody_looked_is_known_or_can_be_judged()
    {
        await using var fixture = await Fixture();
        var first = fixture.Open();
        var order = await OrderFor(await MemberOf(first, fixture), fixture);
        var job = await first.Member(fixture.Member).Start(order, CancellationToken.None);
        await Ended(first.Member(fixture.Member), order, job);
        await first.DisposeAsync();

        await using var second = fixture.Open();
        var member = await MemberOf(second, fixture);
        var status = await member.Poll(order, job, CancellationToken.None);
        if (status is JobStatus.Unknown unknown)
        {
            var now = await member.Inventory(new InventoryRequest(order.Settings.Mode, OptionValues.None), CancellationToken.None);
            status = JobJudge.Judge(order, [.. now.Units.Select(unit => unit.Size)], unknown.Evidence);
        }

        Assert.True(Assert.IsType<JobStatus.Succeeded>(status).Units.Sum(unit => unit.BytesFreed) > 0);
        Assert.Equal(1, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task Nothing_is_found_of_an_order_that_was_never_given_and_a_strange_id_is_unknown()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);
        var order = await OrderFor(member, fixture);

        Assert.Null(await member.Find(order, CancellationToken.None));
        var strange = Assert.IsType<JobStatus.Unknown>(await member.Poll(order, new JobId("strange"), CancellationToken.None));
        Assert.NotEqual("", strange.Evidence);
        Assert.Equal(0, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task A_job_that_outlasts_the_drivers_patience_stays_at_work_and_is_not_repeated()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open(Short);
        var member = await MemberOf(cluster, fixture);
        var order = await OrderFor(member, fixture);
        fixture.Hold();

        var job = await member.Start(order, CancellationToken.None);
        await Until(() => Task.FromResult(fixture.JobsStarted == 1));
        await Task.Delay(Short * 2);
        Assert.IsType<JobStatus.Running>(await member.Poll(order, job, CancellationToken.None));
        fixture.Release();
        var done = Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, job));

        Assert.True(done.Units.Sum(unit => unit.BytesFreed) > 0, "the freed bytes are credited to nobody");
        Assert.Equal(1, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task A_job_is_cancelled_where_the_capabilities_say_so()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);
        var order = await OrderFor(member, fixture);
        var canCancel = (await member.Observe(CancellationToken.None)).Capabilities.InMode(order.Settings.Mode).CanCancel;
        fixture.Hold();
        var job = await member.Start(order, CancellationToken.None);
        await Until(() => Task.FromResult(fixture.JobsStarted == 1));

        if (canCancel)
        {
            await member.Cancel(order, job, CancellationToken.None);
            Assert.IsType<JobStatus.Failed>(await Ended(member, order, job));
            fixture.Release();
        }
        else
        {
            await Assert.ThrowsAsync<EngineException>(() => Task.Run(() => member.Cancel(order, job, CancellationToken.None)));
            fixture.Release();
            Assert.IsType<JobStatus.Succeeded>(await Ended(member, order, job));
        }
    }

    [SkippableFact]
    public async Task An_order_that_cannot_be_carried_out_is_refused_and_begins_nothing()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);
        var order = new JobOrder(Ticket, [new UnitSize(new IndexUnit("nowhere", "nothing", "none"), 1, 1, 1)], fixture.Settings);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Start(order, CancellationToken.None));

        Assert.NotEqual(EngineFault.Unreachable, error.Fault);
        Assert.Equal(0, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task Wrong_credentials_are_a_permanent_refusal()
    {
        await using var fixture = await Fixture();
        var wrong = await fixture.OpenWithWrongCredentials();
        Skip.If(wrong is null, "the engine has no credentials");
        await using var cluster = wrong;

        var error = await Assert.ThrowsAsync<EngineException>(() => cluster.Discover(CancellationToken.None));

        Assert.Equal((EngineFault.Denied, true), (error.Fault, error.IsPermanent));
    }

    [SkippableFact]
    public async Task A_member_that_vanishes_is_unreachable_and_seen_again_when_it_is_back()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);

        await fixture.Kill();
        var error = await Assert.ThrowsAsync<EngineException>(() => member.Observe(CancellationToken.None));
        await fixture.Revive();

        Assert.Equal(EngineFault.Unreachable, error.Fault);
        await Until(async () => (await member.Observe(CancellationToken.None)).State == NodeState.Online);
    }

    [SkippableFact]
    public async Task A_member_that_dies_at_work_leaves_a_job_that_is_judged()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open();
        var member = await MemberOf(cluster, fixture);
        var order = await OrderFor(member, fixture);
        fixture.Hold();
        var job = await member.Start(order, CancellationToken.None);
        await Until(() => Task.FromResult(fixture.JobsStarted == 1));

        await fixture.Kill();
        await fixture.Revive();
        fixture.Release();
        var status = await Ended(member, order, job);

        Assert.True(status is JobStatus.Unknown or JobStatus.Failed, status.ToString());
        Assert.Equal(1, fixture.JobsStarted);
    }

    [SkippableFact]
    public async Task An_answer_that_comes_too_late_is_an_unreachable_member_in_time()
    {
        await using var fixture = await Fixture();
        await using var cluster = fixture.Open(Short);
        var member = await MemberOf(cluster, fixture);
        fixture.SlowDown(Short);

        var error = await Assert.ThrowsAsync<EngineException>(() => member.Observe(CancellationToken.None).WaitAsync(Patience));

        Assert.Equal(EngineFault.Unreachable, error.Fault);
    }

    private static CompactionTicket Ticket { get; } = new("run-1", 1, 1);

    private static async Task<IEngineMember> MemberOf(IEngineCluster cluster, IEngineFixture fixture)
    {
        await cluster.Discover(CancellationToken.None);
        return cluster.Member(fixture.Member);
    }

    /// <summary>An order for every unit with something to free.</summary>
    private static async Task<JobOrder> OrderFor(IEngineMember member, IEngineFixture fixture)
    {
        var inventory = await member.Inventory(new InventoryRequest(fixture.Settings.Mode, OptionValues.None), CancellationToken.None);
        return new JobOrder(Ticket, [.. inventory.Units.Where(unit => unit.BytesFreed > 0).Select(unit => unit.Size)], fixture.Settings);
    }

    private static async Task<JobStatus> Ended(IEngineMember member, JobOrder order, JobId job)
    {
        JobStatus status = new JobStatus.Unknown("never asked");
        await Until(async () => (status = await member.Poll(order, job, CancellationToken.None)) is not JobStatus.Running);
        return status;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
            {
                // It starts, or is too busy to answer.
            }

            Assert.False(patience.IsCancellationRequested, "it never came to that");
            await Task.Delay(20);
        }
    }
}
