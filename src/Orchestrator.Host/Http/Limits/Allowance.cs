namespace Orchestrator.Host.Http.Limits;

/// <summary>What callers may hold at the same time of something that costs memory: bounded for one caller and for all of them.</summary>
/// <param name="perCaller">What one caller may hold at most.</param>
/// <param name="forAll">What all callers together may hold at most.</param>
internal sealed class Allowance(long perCaller, long forAll)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _held = new(StringComparer.Ordinal);
    private long _all;
    private long _taken;

    /// <summary>What one caller may hold at most.</summary>
    public long PerCaller => perCaller;

    /// <summary>What all callers together may hold at most.</summary>
    public long ForAll => forAll;

    /// <summary>What all callers hold now.</summary>
    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _all;
            }
        }
    }

    /// <summary>What was ever taken.</summary>
    public long TakenInAll => Interlocked.Read(ref _taken);

    /// <summary>Begins with nothing; what is added is given back when it is disposed of.</summary>
    public Share Begin(string caller) => new(this, caller);

    private Taken Take(string caller, long amount)
    {
        lock (_gate)
        {
            var held = _held.GetValueOrDefault(caller);
            if (held + amount > perCaller)
            {
                return Taken.CallerHasTooMuch;
            }

            if (_all + amount > forAll)
            {
                return Taken.AllHaveTooMuch;
            }

            _held[caller] = held + amount;
            _all += amount;
            Interlocked.Add(ref _taken, amount);
            return Taken.Granted;
        }
    }

    private void GiveBack(string caller, long amount)
    {
        lock (_gate)
        {
            _all -= amount;
            var left = _held.GetValueOrDefault(caller) - amount;
            if (left > 0)
            {
                _held[caller] = left;
            }
            else
            {
                _held.Remove(caller);
            }
        }
    }

    /// <summary>Whether an amount was taken.</summary>
    public enum Taken
    {
        Granted,
        CallerHasTooMuch,
        AllHaveTooMuch,
    }

    /// <summary>What one request holds.</summary>
    public sealed class Share(Allowance allowance, string caller) : IDisposable
    {
        private long _amount;

        /// <summary>Takes so much that the request holds an amount; does nothing if it holds that already.</summary>
        public Taken Raise(long amount)
        {
            var more = amount - _amount;
            var taken = more <= 0 ? Taken.Granted : allowance.Take(caller, more);
            if (taken == Taken.Granted && more > 0)
            {
                _amount = amount;
            }

            return taken;
        }

        public void Dispose()
        {
            allowance.GiveBack(caller, _amount);
            _amount = 0;
        }
    }
}
