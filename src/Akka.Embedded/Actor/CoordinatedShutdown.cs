using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// Ends a system in phases: each one runs after those it depends on, the tasks of a phase at the same time. It runs once.
/// </summary>
public sealed class CoordinatedShutdown : IExtension
{
    /// <summary>First: stop taking new work from outside.</summary>
    public static readonly string PhaseBeforeServiceUnbind = "before-service-unbind";

    /// <summary>Close the ports for new connections.</summary>
    public static readonly string PhaseServiceUnbind = "service-unbind";

    /// <summary>Wait for requests in progress.</summary>
    public static readonly string PhaseServiceRequestsDone = "service-requests-done";

    /// <summary>Close what is left of the services.</summary>
    public static readonly string PhaseServiceStop = "service-stop";

    /// <summary>Before anything of the cluster stops.</summary>
    internal static readonly string PhaseBeforeClusterShutdown = "before-cluster-shutdown";

    /// <summary>Hand over shards.</summary>
    internal static readonly string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";

    /// <summary>Tell the cluster that this node leaves.</summary>
    public static readonly string PhaseClusterLeave = "cluster-leave";

    /// <summary>Hand over singletons, and see this node exiting.</summary>
    public static readonly string PhaseClusterExiting = "cluster-exiting";

    /// <summary>Wait until exiting is done.</summary>
    internal static readonly string PhaseClusterExitingDone = "cluster-exiting-done";

    /// <summary>Stop the cluster's own actors.</summary>
    internal static readonly string PhaseClusterShutdown = "cluster-shutdown";

    /// <summary>Last chance to use the actor system.</summary>
    public static readonly string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";

    /// <summary>Terminate the actor system.</summary>
    internal static readonly string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly Lock _lock = new();
    private readonly IReadOnlyDictionary<string, ShutdownPhase> _phases;
    private readonly IReadOnlyList<string> _order;
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Run)>> _tasks = [];
    private readonly ILoggingAdapter _log;
    private Task<Done>? _run;

    internal CoordinatedShutdown(ExtendedActorSystem system, Config config)
    {
        System = system;
        _log = Logging.GetLogger(system, this);
        _phases = ShutdownPhase.Read(config);
        _order = ShutdownPhase.Sort(_phases);
    }

    /// <summary>The system.</summary>
    internal ExtendedActorSystem System { get; }

    /// <summary>Why it runs; null while it does not.</summary>
    public Reason? ShutdownReason { get; private set; }

    /// <summary>Most time that it takes: the timeouts of all phases.</summary>
    internal TimeSpan TotalTimeout => _phases.Values.Aggregate(TimeSpan.Zero, (sum, phase) => sum + phase.Timeout);

    /// <summary>The system's.</summary>
    public static CoordinatedShutdown Get(ActorSystem sys) => sys.WithExtension<CoordinatedShutdown, CoordinatedShutdownExtension>();

    /// <summary>How long a phase waits for its tasks.</summary>
    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public TimeSpan Timeout(string phase) => Phase(phase).Timeout;

    /// <summary>Adds a task to a phase; during the shutdown, tasks for later phases can still be added.</summary>
    /// <exception cref="ArgumentException">There is no such phase.</exception>
    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        ArgumentException.ThrowIfNullOrEmpty(taskName);
        ArgumentNullException.ThrowIfNull(task);
        Phase(phase);
        lock (_lock)
        {
            if (!_tasks.TryGetValue(phase, out var tasks))
            {
                _tasks.Add(phase, tasks = []);
            }

            tasks.Add((taskName, task));
        }
    }

    /// <summary>Runs the phases; later calls give the first call's task.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="fromPhase">The phase to begin with; null for the first.</param>
    public Task<Done> Run(Reason reason, string? fromPhase = null)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (fromPhase is not null)
        {
            Phase(fromPhase);
        }

        lock (_lock)
        {
            if (_run is null)
            {
                ShutdownReason = reason;
                _run = Task.Run(() => RunPhases(fromPhase));
            }

            return _run;
        }
    }

    private async Task<Done> RunPhases(string? fromPhase)
    {
        var phases = fromPhase is null ? _order : [.. _order.SkipWhile(phase => phase != fromPhase)];
        foreach (var phase in phases)
        {
            await RunPhase(phase, _phases[phase]).ConfigureAwait(false);
        }

        return Done.Instance;
    }

    private async Task RunPhase(string name, ShutdownPhase phase)
    {
        (string Name, Func<Task<Done>> Run)[] tasks;
        lock (_lock)
        {
            tasks = _tasks.TryGetValue(name, out var found) ? [.. found] : [];
        }

        if (tasks.Length == 0)
        {
            return;
        }

        if (!phase.Enabled)
        {
            _log.Info("Phase [{0}] disabled through configuration, skipping [{1}] tasks", name, tasks.Length);
            return;
        }

        _log.Debug("Performing phase [{0}] with [{1}] tasks", name, tasks.Length);
        var all = Task.WhenAll(tasks.Select(task => RunTask(name, phase, task)));
        var timeLimit = new TaskCompletionSource();
        var timer = System.Scheduler.Advanced.ScheduleOnceCancelable(phase.Timeout, () => timeLimit.TrySetResult());
        var first = await Task.WhenAny(all, timeLimit.Task).ConfigureAwait(false);
        timer.Cancel();
        if (first == all)
        {
            await all.ConfigureAwait(false);
            return;
        }

        if (!phase.Recover)
        {
            throw new TimeoutException($"Coordinated shutdown phase [{name}] timed out after {phase.Timeout}");
        }

        _log.Warning("Coordinated shutdown phase [{0}] timed out after {1}", name, phase.Timeout);
    }

    private async Task RunTask(string phaseName, ShutdownPhase phase, (string Name, Func<Task<Done>> Run) task)
    {
        try
        {
            await task.Run().ConfigureAwait(false);
        }
        catch (Exception cause) when (phase.Recover)
        {
            _log.Warning(cause, "Task [{0}] failed in phase [{1}]: {2}", task.Name, phaseName, cause.Message);
        }
    }

    private ShutdownPhase Phase(string phase) => _phases.TryGetValue(phase, out var known) ? known
        : throw new ArgumentException($"Unknown phase [{phase}], known phases [{string.Join(", ", _order)}]. All phases must be defined in configuration.", nameof(phase));

    /// <summary>Why a system is shut down; derive from it for reasons of one's own.</summary>
    public class Reason
    {
        private protected Reason()
        {
        }
    }

    /// <summary>Not known.</summary>
    public class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason()
        {
        }
    }

    /// <summary><c>ActorSystem.Terminate</c> was called.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason()
        {
        }
    }

    /// <summary>The process ends.</summary>
    public class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason()
        {
        }
    }

    /// <summary>The cluster downed this node.</summary>
    public class ClusterDowningReason : Reason
    {
        internal static readonly Reason Instance = new ClusterDowningReason();

        private ClusterDowningReason()
        {
        }
    }

    /// <summary>This node left the cluster.</summary>
    public class ClusterLeavingReason : Reason
    {
        internal static readonly Reason Instance = new ClusterLeavingReason();

        private ClusterLeavingReason()
        {
        }
    }

    /// <summary>The cluster could not be joined.</summary>
    public class ClusterJoinUnsuccessfulReason : Reason
    {
        internal static readonly Reason Instance = new ClusterJoinUnsuccessfulReason();

        private ClusterJoinUnsuccessfulReason()
        {
        }
    }
}
