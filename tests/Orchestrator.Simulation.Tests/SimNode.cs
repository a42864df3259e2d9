using Orchestrator.Core.Engines;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Tests.Support;
using Orchestrator.Core.Topology;

namespace Orchestrator.Simulation.Tests;

internal sealed record SimEntry(long Term, string Id);

internal sealed record Pull(long Number, long Term, string Collection, long Since, long LastTerm);

/// <param name="From">Number of entries that stay; the rest is replaced.</param>
internal sealed record PullReply(long Number, long Term, string Collection, long From, IReadOnlyList<SimEntry> Entries);

internal sealed record CatchUpPull(long Term, string Collection);

internal sealed record CatchUpReply(long Term, string Collection, IReadOnlyList<SimEntry> Entries);

/// <summary>A member: the real member machine around logs in memory, and a compaction that takes a few ticks.</summary>
internal sealed class SimNode
{
    public static readonly IReadOnlyList<string> Collections = ["catalog", "orders", "users"];

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan PullTimeout = TimeSpan.FromSeconds(2);

    private readonly SimWorld _world;
    private readonly Dictionary<string, List<SimEntry>> _logs = Collections.ToDictionary(name => name, _ => new List<SimEntry>());
    private readonly Dictionary<string, DateTimeOffset> _contacts = [];
    private readonly Dictionary<(string Node, string Collection), long> _confirmed = [];
    private readonly List<(string Collection, long Sequence, string Id)> _pending = [];
    private readonly Dictionary<string, (long Number, DateTimeOffset SentAt)> _pulls = [];

    // Beside the logs on disk: the positions that the member has vouched for, and the logs that do not reach them any more.
    private readonly Dictionary<string, (long Term, int Count)> _vouched = [];
    private readonly HashSet<string> _short = [];
    private long _lastPull;
    private MemberRecord _disk = MemberRecord.Fresh;

    public SimNode(string name, ReplicaSetDefinition set, SimWorld world)
    {
        Name = name;
        Set = set;
        _world = world;
        Compactor = new SimCompactor(name);
        State = MemberDecider.Start(name, set.Name, _disk);
    }

    public string Name { get; }

    public ReplicaSetDefinition Set { get; }

    public bool IsUp { get; private set; } = true;

    public MemberState State { get; private set; }

    public SimCompactor Compactor { get; }

    public IReadOnlyDictionary<string, List<SimEntry>> Logs => _logs;

    /// <summary>Whether it has everything that it has ever vouched for.</summary>
    public bool IsWhole => _short.Count == 0;

    public NodeState ObservedState => Compactor.IsRunning && State.Condition.State == NodeState.Online
        ? NodeState.Compacting
        : State.Condition.State;

    public void Crash()
    {
        IsUp = false;
        _pending.Clear();
        _confirmed.Clear();
        _contacts.Clear();
        _pulls.Clear();
        Compactor.Crash();
    }

    /// <param name="cutLogs">Whether the end of each log is gone.</param>
    /// <param name="forgetsVouched">Whether the record of what was vouched for is as old as the logs.</param>
    public void Start(bool cutLogs = false, bool forgetsVouched = false)
    {
        IsUp = true;
        foreach (var collection in Collections)
        {
            var log = _logs[collection];
            if (cutLogs)
            {
                var kept = Math.Max(0, log.Count - _world.Random.Next(0, 6));
                log.RemoveRange(kept, log.Count - kept);
            }

            if (forgetsVouched)
            {
                _vouched[collection] = End(log);
            }

            if (End(log).CompareTo(_vouched.GetValueOrDefault(collection)) < 0)
            {
                _short.Add(collection);
            }
        }

        State = MemberDecider.Start(Name, Set.Name, _disk);
    }

    public void Tick()
    {
        Decide(new AssessMember(), "");
        Compactor.Tick(() => _world.Random.NextDouble() < _world.Faults.FailedCompactions);
        if (State is AppointedMember appointed && MemberServing.ConfirmsTo(State, State.Term))
        {
            foreach (var collection in Collections)
            {
                SendPull(appointed.Primary, collection);
            }
        }
    }

    public void Write(string collection, string id)
    {
        if (MemberServing.Writes(State, _contacts, _world.Now, Lease) is not WritePermission.Granted granted)
        {
            return;
        }

        _logs[collection].Add(new SimEntry(granted.Term, id));
        _vouched[collection] = End(_logs[collection]);
        _pending.Add((collection, _logs[collection].Count, id));
    }

    public void Receive(string from, object message)
    {
        switch (message)
        {
            case INodeCommand command:
                Decide(new HandleNodeCommand(command), from);
                break;
            case Pull pull:
                Serve(from, pull);
                break;
            case PullReply reply when MemberServing.ConfirmsTo(State, reply.Term)
                && _pulls.TryGetValue(reply.Collection, out var under) && under.Number == reply.Number:
                Replace(reply.Collection, reply.From, reply.Entries);
                _pulls.Remove(reply.Collection);
                SendPull(from, reply.Collection);
                break;
            case CatchUpPull pull:
                _world.Send(Name, from, new CatchUpReply(pull.Term, pull.Collection, [.. _logs[pull.Collection]]));
                break;
            case CatchUpReply reply when State is CatchingUpMember && State.Term == reply.Term:
                CatchUp(reply);
                break;
        }
    }

    public NodeObservation Observe() => Some.Observation(Name, State.Role, ObservedState, State.Term, Set.Name, State.PromisedTerm, State.Primary)
        with
    {
        Positions = Positions(),
        Compactions = Compactor.Statuses,
        ObservedAt = _world.Now,
    };

    public NodeInventory Inventory() => new(Name, "rewrite", Some.Capabilities, Compactor.Units, _world.Now);

    private static FeedPosition Position(string collection, long term, long sequence) =>
        new(collection == "catalog" ? FeedPosition.CatalogDatabase : "app", collection, term, sequence);

    private List<FeedPosition> Positions() => Collections
        .Select(name => Position(name, _logs[name].Count == 0 ? 0 : _logs[name][^1].Term, _logs[name].Count))
        .ToList();

    private void Decide(MemberCommand command, string from)
    {
        var decision = MemberDecider.Decide(State, command, new MemberEnvironment(_world.Now, Positions()) { Incomplete = [.. _short] });
        foreach (var @event in decision.Events)
        {
            State = MemberDecider.Apply(State, @event);
        }

        if (decision.Events.Any(@event => @event is DurableMemberEvent))
        {
            _disk = State.Record;
        }

        if (decision.Events.Any(@event => @event is CatchUpFinished or WritesReopened))
        {
            _confirmed.Clear();
            _world.Checks.Leads(this, State.Term);
        }

        if (State is CatchingUpMember { Appointment: var appointment } && (command is AssessMember || decision.Events.Any(@event => @event is AppointmentAccepted)))
        {
            foreach (var source in appointment.CatchUp)
            {
                _world.Send(Name, source.Node, new CatchUpPull(appointment.Term, source.Position.Collection));
            }
        }

        Run(decision.Effects, from);
        switch (decision.Reply)
        {
            case MemberReply.Refused refused:
                Reply(from, command is HandleNodeCommand { Command: CompactUnits compact }
                    ? refused.Message with { Ticket = compact.Ticket }
                    : refused.Message);
                break;
            case MemberReply.Followed followed:
                Reply(from, followed.Message);
                break;
            case MemberReply.Resumed resumed:
                Reply(from, resumed.Message);
                break;
            case MemberReply.Admitted when command is HandleNodeCommand handle:
                Admit(from, handle.Command);
                break;
        }
    }

    private void Admit(string from, INodeCommand command)
    {
        switch (command)
        {
            case ObserveNode:
                Reply(from, Observe());
                break;
            case CompactUnits compact:
                _world.Checks.Ordered(this, compact);
                Reply(from, Compactor.Start(compact, State));
                break;
            case TakeInventory:
                Reply(from, Inventory());
                break;
            case CancelCompaction cancel:
                Reply(from, Compactor.Cancel(cancel.Ticket));
                break;
            case PauseCompaction pause:
                Reply(from, Compactor.Pause(pause.Ticket));
                break;
            case ThrottleCompaction throttle:
                Compactor.Throttle(throttle.Ticket);
                break;
        }
    }

    private void Reply(string to, object message) => _world.Send(Name, to, message);

    private void Run(IReadOnlyList<MemberEffect> effects, string from)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case CloseWrites when State is not HaltedMember:
                    _pending.Clear();
                    break;
                case AnswerPromise promise:
                    Reply(from, new TermPromised(Name, Some.Address(Name), promise.Term, Positions()));
                    break;
                case AnswerWritesStopped stopped:
                    Reply(from, new WritesStopped(Name, stopped.Term, Positions(), stopped.StepDown));
                    break;
            }
        }
    }

    /// <summary>One pull of a collection at a time, like a request over HTTP; it is given up after a while.</summary>
    private void SendPull(string primary, string collection)
    {
        if (_pulls.TryGetValue(collection, out var under) && _world.Now - under.SentAt < PullTimeout)
        {
            return;
        }

        // What is short is copied anew.
        var end = _short.Contains(collection) ? default : End(_logs[collection]);
        _pulls[collection] = (++_lastPull, _world.Now);
        _world.Send(Name, primary, new Pull(_lastPull, State.Term, collection, end.Count, end.Term));
    }

    private void Serve(string from, Pull pull)
    {
        Decide(new HearOfTerm(from, pull.Term), "");
        if (!MemberServing.ServesFeed(State, pull.Term))
        {
            return;
        }

        _contacts[from] = _world.Now;
        var log = _logs[pull.Collection];
        var fits = pull.Since <= log.Count && (pull.Since == 0 || log[(int)pull.Since - 1].Term == pull.LastTerm);
        if (fits)
        {
            _confirmed[(from, pull.Collection)] = Math.Max(_confirmed.GetValueOrDefault((from, pull.Collection)), pull.Since);
            Acknowledge(pull.Collection);
        }

        var start = fits ? pull.Since : 0;
        _world.Send(Name, from, new PullReply(pull.Number, pull.Term, pull.Collection, start, log.Skip((int)start).ToList()));
    }

    private void Acknowledge(string collection)
    {
        foreach (var write in _pending.Where(write => write.Collection == collection).ToList())
        {
            var holders = 1 + Set.Members.Count(member =>
                member != Name && _confirmed.GetValueOrDefault((member, collection)) >= write.Sequence);
            if (holders >= Set.Majority)
            {
                _pending.Remove(write);
                _world.Checks.Acknowledged(this, State.Term, collection, write.Id);
            }
        }
    }

    private void Replace(string collection, long from, IReadOnlyList<SimEntry> entries)
    {
        var log = _logs[collection];
        var same = 0;
        while (same < entries.Count && from + same < log.Count && log[(int)from + same] == entries[same])
        {
            same++;
        }

        log.RemoveRange((int)from + same, log.Count - (int)from - same);
        log.AddRange(entries.Skip(same));
        if (from == 0)
        {
            _short.Remove(collection);
        }

        _vouched[collection] = End(log);
    }

    private static (long Term, int Count) End(List<SimEntry> log) => (log.Count == 0 ? 0 : log[^1].Term, log.Count);

    private void CatchUp(CatchUpReply reply)
    {
        var ownEnd = End(_logs[reply.Collection]);
        var end = (reply.Entries.Count == 0 ? 0 : reply.Entries[^1].Term, reply.Entries.Count);
        if (end.CompareTo(ownEnd) > 0)
        {
            Replace(reply.Collection, 0, reply.Entries);
            Decide(new AssessMember(), "");
        }
    }
}
