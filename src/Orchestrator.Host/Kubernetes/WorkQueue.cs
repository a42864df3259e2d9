using System.Threading.Channels;

namespace Orchestrator.Host.Kubernetes;

/// <summary>
/// Names of objects that are to be looked at. A name is in it once, and is given to one worker at a time; added while it is worked on, it
/// comes again afterwards. Bounded by the number of objects.
/// </summary>
internal sealed class WorkQueue(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<string> _working = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ITimer> _later = new(StringComparer.Ordinal);

    /// <summary>To be looked at as soon as a worker is free.</summary>
    public void Add(string name)
    {
        lock (_lock)
        {
            if (_later.Remove(name, out var timer))
            {
                timer.Dispose();
            }

            if (_waiting.Add(name) && !_working.Contains(name))
            {
                _ready.Writer.TryWrite(name);
            }
        }
    }

    /// <summary>To be looked at after a while, unless it is before; the last order counts.</summary>
    public void AddAfter(string name, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(name);
            return;
        }

        lock (_lock)
        {
            if (_waiting.Contains(name))
            {
                return;
            }

            if (_later.Remove(name, out var earlier))
            {
                earlier.Dispose();
            }

            _later[name] = time.CreateTimer(_ => Add(name), null, delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The next name; whoever takes it gives it back by <see cref="Done"/>.</summary>
    public async Task<string> Take(CancellationToken cancellationToken)
    {
        var name = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            _waiting.Remove(name);
            _working.Add(name);
        }

        return name;
    }

    public void Done(string name)
    {
        lock (_lock)
        {
            _working.Remove(name);
            if (_waiting.Contains(name))
            {
                _ready.Writer.TryWrite(name);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var timer in _later.Values)
            {
                timer.Dispose();
            }

            _later.Clear();
        }
    }
}
