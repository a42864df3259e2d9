using MongoDB.Bson;
using Orchestrator.Core.Engines;

namespace Orchestrator.Engines.MongoDb;

/// <summary>
/// Hands the role of primary to another member: the others are kept from standing for election meanwhile, the primary steps down, and the new
/// one is seen to have the role. The others may stand again in every case.
/// </summary>
internal sealed class MongoDbStepDown(MongoDbMemberDriver primary, MongoDbRoster roster)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    // replSetStepDown lets secondaries catch up so long by itself.
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(10);

    private MongoDbClusterOptions Options => roster.Options;

    private MongoDbSet Set => primary.Set;

    /// <returns>The new term.</returns>
    public async Task<long> Run(string to, CancellationToken cancellationToken)
    {
        var target = FindTarget(to);
        var hello = await primary.Identify(cancellationToken).ConfigureAwait(false);
        if (!hello.IsPrimary)
        {
            throw new EngineException(
                EngineFault.WrongState,
                hello.Primary.Length == 0 ? $"{primary.Name} is not primary, and knows none" : $"{primary.Name} is not primary; {hello.Primary} is");
        }

        await AwaitCaughtUp(target, cancellationToken).ConfigureAwait(false);
        var others = roster.Members
            .Where(member => member.Set == Set && member != primary && member != target && Set.Configuration.Find(member.Name) is { CanLead: true })
            .ToList();
        var period = (int)Math.Max(Options.StepDownPeriod.TotalSeconds, CatchUp.TotalSeconds + 1);
        try
        {
            await FreezeAll(others, (int)(CatchUp + Options.TransferTimeout + Set.Configuration.ElectionTimeout).TotalSeconds, cancellationToken).ConfigureAwait(false);
            await Order(period, cancellationToken).ConfigureAwait(false);
            return await AwaitPrimary(target, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await FreezeAll(others, 0, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private MongoDbMemberDriver FindTarget(string to)
    {
        var target = roster.Find(to) is { } found && found.Set == Set
            ? found
            : throw new EngineException(EngineFault.WrongState, $"{Set.Name} has no member {to}");
        return Set.Configuration.Find(to) is { CanLead: false } configured
            ? throw new EngineException(EngineFault.WrongState, $"{to} cannot become primary: {configured.WhyNotLead}")
            : target;
    }

    private async Task AwaitCaughtUp(MongoDbMemberDriver target, CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (true)
        {
            var status = await primary.Calls.Status(cancellationToken).ConfigureAwait(false);
            var row = status.Find(target.Name);
            var lag = status.LagOf(target.Name);
            if (row is { IsHealthy: true, State: MongoDbStates.Secondary } && lag <= CatchUp.TotalSeconds)
            {
                // It catches up with the rest while no writes come any more.
                return;
            }

            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(
                    EngineFault.WrongState,
                    row is { State: MongoDbStates.Secondary }
                        ? $"{target.Name} is still {lag ?? 0:0} s behind {primary.Name} after {Options.TransferTimeout.TotalSeconds:0} s"
                        : $"{target.Name} is {row?.StateText ?? "unknown"} in the view of {primary.Name}, and cannot take over");
            }

            await Task.Delay(PollInterval, roster.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sent once: servers before 4.2 close the connection instead of answering, so that a lost answer is no failure.</summary>
    private async Task Order(int seconds, CancellationToken cancellationToken)
    {
        var command = new BsonDocument { { "replSetStepDown", seconds }, { "secondaryCatchUpPeriodSecs", (int)CatchUp.TotalSeconds } };
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(CatchUp + Options.TransferTimeout);
        try
        {
            await primary.Calls.Unlimited("admin", command, limited.Token).ConfigureAwait(false);
        }
        catch (EngineException e) when (e.Fault == EngineFault.Unreachable)
        {
            // Who is primary now is looked at next.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The same.
        }
        catch (MongoDbRefusal refusal) when (refusal.Code == 262)
        {
            throw new EngineException(EngineFault.WrongState, $"{primary.Name} stays primary: {await WhoLags(cancellationToken).ConfigureAwait(false)}", refusal);
        }
    }

    private async Task<string> WhoLags(CancellationToken cancellationToken)
    {
        var status = await primary.Calls.Status(cancellationToken).ConfigureAwait(false);
        var behind = status.Members
            .Where(row => row.Name != primary.Name && status.LagOf(row.Name) is > 0)
            .Select(row => $"{row.Name} is {status.LagOf(row.Name):0} s behind")
            .ToList();
        return $"no member that may become primary caught up within {CatchUp.TotalSeconds:0} s" + (behind.Count > 0 ? $" ({string.Join(", ", behind)})" : "");
    }

    private async Task<long> AwaitPrimary(MongoDbMemberDriver target, CancellationToken cancellationToken)
    {
        var started = roster.Time.GetTimestamp();
        while (true)
        {
            var (elected, term) = await Elected(cancellationToken).ConfigureAwait(false);
            if (elected == target.Name)
            {
                return term;
            }

            if (elected.Length > 0 && elected != primary.Name)
            {
                throw new EngineException(EngineFault.WrongState, $"{elected} was elected, not {target.Name}");
            }

            if (roster.Time.GetElapsedTime(started) > Options.TransferTimeout)
            {
                throw new EngineException(
                    EngineFault.WrongState,
                    elected.Length > 0
                        ? $"{primary.Name} is still primary {Options.TransferTimeout.TotalSeconds:0} s after it was told to step down"
                        : $"{Set.Name} has no primary {Options.TransferTimeout.TotalSeconds:0} s after {primary.Name} stepped down");
            }

            await Task.Delay(PollInterval, roster.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Who says of itself that it is primary, in the highest term; the old one may be late to notice.</summary>
    private async Task<(string Name, long Term)> Elected(CancellationToken cancellationToken)
    {
        var found = ("", 0L);
        foreach (var member in roster.Members.Where(member => member.Set == Set && Set.Configuration.Find(member.Name) is { CanLead: true }))
        {
            try
            {
                if ((await member.Calls.Hello(cancellationToken).ConfigureAwait(false)).IsPrimary)
                {
                    var status = await member.Calls.Status(cancellationToken).ConfigureAwait(false);
                    found = status.Term >= found.Item2 ? (member.Name, status.Term) : found;
                }
            }
            catch (Exception e) when (e is EngineException { Fault: EngineFault.Unreachable } or MongoDbRefusal { IsWrongState: true })
            {
                // Connections may be closed while the roles change.
            }
        }

        return found;
    }

    /// <summary>Members that cannot be told are left alone: they cannot be elected either, or the time ends by itself.</summary>
    private static async Task FreezeAll(IReadOnlyList<MongoDbMemberDriver> members, int seconds, CancellationToken cancellationToken)
    {
        foreach (var member in members)
        {
            try
            {
                await member.Calls.Admin(new BsonDocument("replSetFreeze", seconds), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is EngineException or MongoDbRefusal)
            {
                // See above.
            }
        }
    }
}
