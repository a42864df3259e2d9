namespace Orchestrator.Host.Http.Security;

/// <summary>Makes addresses wait that failed too often to prove who they are. Bounded: of too many addresses the oldest are forgotten.</summary>
/// <param name="maxFailures">Failures within the window that are let pass.</param>
/// <param name="window">Begins with an address's first failure.</param>
internal sealed class LoginLimiter(int maxFailures, TimeSpan window, TimeProvider time)
{
    private const int MaxAddresses = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Failures> failures = new(StringComparer.Ordinal);

    /// <summary>How long the address has to wait; zero if not at all.</summary>
    public TimeSpan WaitOf(string address)
    {
        lock (gate)
        {
            return failures.TryGetValue(address, out var found) && found.Count >= maxFailures && Left(found) is { Ticks: > 0 } left
                ? left
                : TimeSpan.Zero;
        }
    }

    public void Failed(string address)
    {
        lock (gate)
        {
            if (failures.TryGetValue(address, out var found) && Left(found) > TimeSpan.Zero)
            {
                failures[address] = found with { Count = found.Count + 1 };
                return;
            }

            if (!failures.ContainsKey(address) && failures.Count >= MaxAddresses)
            {
                Forget();
            }

            failures[address] = new Failures(1, time.GetTimestamp());
        }
    }

    private TimeSpan Left(Failures found) => window - time.GetElapsedTime(found.Since);

    private void Forget()
    {
        foreach (var (address, _) in failures.OrderBy(entry => entry.Value.Since).Take(MaxAddresses / 10).ToList())
        {
            failures.Remove(address);
        }
    }

    private readonly record struct Failures(int Count, long Since);
}
