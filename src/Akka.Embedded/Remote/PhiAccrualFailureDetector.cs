namespace Akka.Remote;

/// <summary>The settings of a <see cref="PhiAccrualFailureDetector"/>; times in milliseconds.</summary>
/// <param name="Threshold">Suspicion above which the peer counts as lost: phi 8 errs once in 10^8 intervals.</param>
/// <param name="MaxSampleSize">How many intervals are remembered (1 or more).</param>
/// <param name="MinStdDeviationMs">Lower bound of the standard deviation, so that regular heartbeats do not make it nervous.</param>
/// <param name="AcceptablePauseMs">Silence that is always forgiven, for garbage collection and short network trouble.</param>
/// <param name="FirstIntervalMs">Interval assumed before any was measured.</param>
internal sealed record PhiAccrualSettings(
    double Threshold, int MaxSampleSize, double MinStdDeviationMs, double AcceptablePauseMs, double FirstIntervalMs);

/// <summary>
/// Turns the rhythm of a peer's heartbeats into a suspicion level: phi = -log10(probability that a heartbeat
/// still comes after this silence), after Hayashibara, Défago, Yared and Katayama, "The phi accrual failure detector"
/// (2004). The intervals are taken as normally distributed, the tail by the logistic approximation of the normal
/// distribution function. Has no clock: all times are arguments in monotonic milliseconds.
/// </summary>
internal sealed class PhiAccrualFailureDetector
{
    private readonly PhiAccrualSettings _settings;
    private readonly Queue<double> _intervals = new();
    private double _sum;
    private double _sumOfSquares;
    private long _lastHeartbeatMs;

    public PhiAccrualFailureDetector(PhiAccrualSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.Threshold);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxSampleSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MinStdDeviationMs);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.AcceptablePauseMs);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.FirstIntervalMs);
        _settings = settings;

        // Two samples around the estimate give it a quarter of its value as standard deviation.
        Add(settings.FirstIntervalMs * 0.75);
        Add(settings.FirstIntervalMs * 1.25);
    }

    /// <summary>True once a first heartbeat was seen; before it nothing is suspected.</summary>
    public bool IsMonitoring { get; private set; }

    /// <summary>Notes a heartbeat.</summary>
    public void Heartbeat(long nowMs)
    {
        // The silence before a peer came back says nothing about the rhythm of its heartbeats.
        if (IsMonitoring && IsAvailable(nowMs))
        {
            Add(Math.Max(0, nowMs - _lastHeartbeatMs));
        }

        IsMonitoring = true;
        _lastHeartbeatMs = nowMs;
    }

    /// <summary>True while the suspicion is below the threshold.</summary>
    public bool IsAvailable(long nowMs) => Phi(nowMs) < _settings.Threshold;

    /// <summary>The suspicion: 0 or more; grows with the silence.</summary>
    public double Phi(long nowMs)
    {
        if (!IsMonitoring)
        {
            return 0;
        }

        var mean = _sum / _intervals.Count;
        var variance = Math.Max(0, (_sumOfSquares / _intervals.Count) - (mean * mean));
        var deviation = Math.Max(Math.Sqrt(variance), _settings.MinStdDeviationMs);
        var silence = nowMs - _lastHeartbeatMs;
        var expected = mean + _settings.AcceptablePauseMs;
        var y = (silence - expected) / deviation;
        var e = Math.Exp(-y * (1.5976 + (0.070566 * y * y)));
        var stillComes = silence > expected ? e / (1 + e) : 1 - (1 / (1 + e));
        return stillComes <= 0 ? double.PositiveInfinity : Math.Max(0, -Math.Log10(stillComes));
    }

    private void Add(double interval)
    {
        _intervals.Enqueue(interval);
        _sum += interval;
        _sumOfSquares += interval * interval;
        if (_intervals.Count > _settings.MaxSampleSize)
        {
            var dropped = _intervals.Dequeue();
            _sum -= dropped;
            _sumOfSquares -= dropped * dropped;
        }
    }
}
