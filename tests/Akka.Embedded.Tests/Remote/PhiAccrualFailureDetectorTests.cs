using Akka.Remote;

namespace Akka.Embedded.Tests.Remote;

public class PhiAccrualFailureDetectorTests
{
    private static readonly PhiAccrualSettings Defaults = new(8, 1000, 100, 3000, 1000);

    [Fact]
    public void Nothing_is_suspected_before_the_first_heartbeat()
    {
        var detector = new PhiAccrualFailureDetector(Defaults);
        Assert.True(detector.IsAvailable(1_000_000));
        Assert.False(detector.IsMonitoring);
    }

    [Fact]
    public void Suspicion_grows_with_the_silence()
    {
        var detector = Beating(Defaults, 1000, 100);
        var phis = Enumerable.Range(0, 20).Select(i => detector.Phi(100_000 + (i * 300))).ToList();
        Assert.Equal(phis.Order(), phis);
        Assert.True(phis[0] < 1 && phis[^1] > 8);
    }

    [Theory]
    [InlineData(4000, true)]
    [InlineData(4400, true)]
    [InlineData(4700, false)]
    public void With_regular_heartbeats_a_peer_is_lost_soon_after_interval_and_pause(long silence, bool available) =>
        Assert.Equal(available, Beating(Defaults, 1000, 1000).IsAvailable(1_000_000 + silence));

    [Fact]
    public void Irregular_heartbeats_make_it_more_patient()
    {
        var regular = Beating(Defaults, 1000, 100);
        var irregular = new PhiAccrualFailureDetector(Defaults);
        var now = 0L;
        for (var i = 0; i < 100; i++)
        {
            irregular.Heartbeat(now += i % 2 == 0 ? 100 : 1900);
        }

        Assert.True(irregular.Phi(now + 4700) < regular.Phi(100_000 + 4700));
    }

    [Fact]
    public void A_peer_that_speaks_again_is_available_and_its_silence_is_not_learnt()
    {
        var detector = Beating(Defaults, 1000, 100);
        Assert.False(detector.IsAvailable(200_000));
        detector.Heartbeat(200_000);
        Assert.True(detector.IsAvailable(200_000));
        Assert.False(detector.IsAvailable(204_700));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(8, 0)]
    public void Senseless_settings_are_refused(double threshold, double deviation) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhiAccrualFailureDetector(new PhiAccrualSettings(threshold, 10, deviation, 0, 1000)));

    private static PhiAccrualFailureDetector Beating(PhiAccrualSettings settings, long interval, int count)
    {
        var detector = new PhiAccrualFailureDetector(settings);
        for (var i = 1; i <= count; i++)
        {
            detector.Heartbeat(i * interval);
        }

        return detector;
    }
}
