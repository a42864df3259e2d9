using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MongoDB.Bson;
using Orchestrator.MongoDouble.Commands;

namespace Orchestrator.MongoDouble;

/// <summary>A replica set of the double, or a standalone: who is primary, elections, step-downs. Its clock is the machine's.</summary>
internal sealed class DoubleReplicaSet : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _counter;
    private DateTimeOffset _electionAt;
    private DoubleMember? _candidate;

    /// <param name="name">Empty for a standalone.</param>
    public DoubleReplicaSet(string name, string version, params IReadOnlyList<DoubleMemberOptions> members)
    {
        Name = name;
        Members = [.. members.Select((options, id) => new DoubleMember(this, id, options, DoubleVersion.Parse(version)))];
        Primary = Members.FirstOrDefault(CanLead);
    }

    public string Name { get; }

    public bool IsReplicaSet => Name.Length > 0;

    public IReadOnlyList<DoubleMember> Members { get; }

    public DoubleMember? Primary { get; private set; }

    public long Term { get; private set; } = 1;

    public ObjectId Id { get; } = ObjectId.GenerateNewId();

    /// <summary>How long an election takes.</summary>
    public TimeSpan ElectionTime { get; set; }

    public Dictionary<string, DoubleUser> Users { get; } = new(StringComparer.Ordinal);

    public bool IsConfigServer { get; init; }

    /// <summary>With them it is no set of its own but the mongos of a sharded cluster.</summary>
    public IReadOnlyList<DoubleReplicaSet> Shards { get; init; } = [];

    /// <summary>Of a mongos: where the sharded cluster keeps what it knows of itself.</summary>
    public DoubleReplicaSet? ConfigServers { get; init; }

    /// <summary>Of a mongos: whether the balancer is in a round.</summary>
    public bool MovesChunks { get; set; }

    /// <summary>As a mongos names it.</summary>
    public string ConnectionString => $"{Name}/{string.Join(',', Members.Where(member => !member.Options.IsHidden && !member.Options.IsArbiter).Select(member => member.Name))}";

    /// <summary>How many of its members compact.</summary>
    public int AtWork => Members.Count(member => member.Operations.Any(operation => operation.Command.Contains("compact")));

    /// <summary>How many of its members have compacted at the same time.</summary>
    public int MostAtWork { get; private set; }

    /// <summary>Hears what happens that people want to follow.</summary>
    public Action<string> Tell { get; set; } = _ => { };

    public ConcurrentDictionary<string, List<BsonDocument>> Written { get; } = new(StringComparer.Ordinal);

    /// <summary>With it connections are by TLS.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>Whether clients must show a certificate.</summary>
    public bool WantsClientCertificate { get; set; }

    public long Counter => Volatile.Read(ref _counter);

    public DoubleMember this[string name] => Members.First(member => member.Name == name);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private TimeSpan ElectionTimeout => TimeSpan.FromSeconds(10);

    /// <summary>Puts a collection on every member that has data.</summary>
    public void Add(DoubleCollection collection)
    {
        foreach (var member in Members.Where(member => !member.Options.IsArbiter))
        {
            member.Collections[collection.Namespace] = collection.Copy();
        }
    }

    /// <summary>Elections that are due take place; called before each answer that depends on them.</summary>
    public void Advance()
    {
        lock (_lock)
        {
            if (Primary is { IsRunning: true } primary)
            {
                var better = Members
                    .Where(member => CanLead(member) && member.Options.Priority > primary.Options.Priority && member.LagSeconds < 2)
                    .MaxBy(member => member.Options.Priority);
                if (better is not null)
                {
                    Elect(better);
                }
            }
            else if (Now >= _electionAt && HasMajority)
            {
                var next = _candidate is { } candidate && CanLead(candidate)
                    ? candidate
                    : Members.Where(CanLead).OrderBy(member => member.LagSeconds).ThenByDescending(member => member.Options.Priority).FirstOrDefault();
                if (next is not null)
                {
                    Elect(next);
                }
            }
        }
    }

    /// <summary>Makes a member primary at once, as an election that somebody else has caused.</summary>
    public void Elect(DoubleMember member)
    {
        lock (_lock)
        {
            (Primary, _candidate) = (member, null);
            Term++;
        }

        Tell($"{member.Name} is primary in term {Term}");
        Changed();
    }

    /// <summary>The primary steps down as <c>replSetStepDown</c> does.</summary>
    public async Task StepDown(DoubleMember member, int seconds, int catchUpSeconds, bool force, CancellationToken cancellationToken)
    {
        var deadline = Now + TimeSpan.FromSeconds(catchUpSeconds);
        while (true)
        {
            lock (_lock)
            {
                if (Primary != member)
                {
                    throw new CommandError(10107, "NotWritablePrimary", "not primary so can't step down");
                }

                var successor = Members
                    .Where(other => other != member && CanLead(other) && other.LagSeconds <= 0)
                    .OrderByDescending(other => other.Options.Priority)
                    .ThenBy(other => other.Id)
                    .FirstOrDefault();
                if (successor is not null || force)
                {
                    member.SteppedDownUntil = Now + TimeSpan.FromSeconds(seconds);
                    (Primary, _candidate, _electionAt) = (null, successor, Now + (successor is null ? ElectionTimeout : ElectionTime));
                    break;
                }
            }

            if (Now >= deadline)
            {
                throw new CommandError(262, "ExceededTimeLimit", "No electable secondaries caught up as of " + $"{Now:O}. Please use the replSetStepDown command with the argument {{force: true}} to force node to step down.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }

        Tell($"{member.Name} steps down");
        Changed();
    }

    /// <summary>A member's process has ended.</summary>
    public void Lost(DoubleMember member)
    {
        lock (_lock)
        {
            if (Primary == member && IsReplicaSet)
            {
                (Primary, _electionAt) = (null, Now + ElectionTime);
            }
        }

        Changed();
    }

    /// <summary>Something that hello tells has changed.</summary>
    public void Changed()
    {
        lock (_lock)
        {
            MostAtWork = Math.Max(MostAtWork, AtWork);
        }

        Interlocked.Increment(ref _counter);
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    public async Task AwaitChange(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var changed = _changed.Task;
        await Task.WhenAny(changed, Task.Delay(atMost, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
    }

    public async Task<Stream> Secure(Stream plain, CancellationToken cancellationToken)
    {
        if (Certificate is not { } certificate)
        {
            return plain;
        }

        var secured = new SslStream(plain, false, (_, shown, _, _) => shown is not null || !WantsClientCertificate);
        await secured.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                ClientCertificateRequired = WantsClientCertificate,
                EnabledSslProtocols = SslProtocols.None,
            },
            cancellationToken);
        return secured;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
        {
            await member.DisposeAsync();
        }
    }

    private bool HasMajority => Members.Where(member => member.IsRunning).Sum(member => member.Options.Votes) * 2 > Members.Sum(member => member.Options.Votes);

    private static bool CanLead(DoubleMember member) =>
        member is { IsRunning: true, Options: { Priority: > 0, IsArbiter: false, IsHidden: false, DelaySeconds: 0 } }
        && member.State is MemberStates.Secondary or MemberStates.Primary
        && Now >= member.FrozenUntil
        && Now >= member.SteppedDownUntil;
}
