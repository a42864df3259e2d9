using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class PathTests
{
    [Theory]
    [InlineData("akka://sys")]
    [InlineData("akka.tcp://sys@localhost:2551")]
    [InlineData("akka.tcp://sys@10.0.0.1:0")]
    public void An_address_is_read_and_written(string text)
    {
        var address = Address.Parse(text);
        Assert.Equal(text, address.ToString());
        Assert.Equal(text.Contains('@'), address.HasGlobalScope);
        Assert.Equal(!text.Contains('@'), address.HasLocalScope);
        Assert.Equal("sys", address.System);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sys")]
    [InlineData("akka://")]
    [InlineData("akka.tcp://sys@host")]
    [InlineData("akka.tcp://sys@host:port")]
    [InlineData("akka.tcp://sys@host:70000")]
    [InlineData("http://sys@host:1")]
    public void What_is_no_address_is_refused(string text)
    {
        Assert.False(Address.TryParse(text, out _));
        Assert.ThrowsAny<Exception>(() => Address.Parse(text));
    }

    [Fact]
    public void Addresses_are_equal_by_their_parts()
    {
        var address = new Address("akka.tcp", "sys", "host", 1);
        Assert.Equal(address, new Address("akka.tcp", "sys", "HOST", 1));
        Assert.NotEqual(address, new Address("akka.tcp", "sys", "host", 2));
        Assert.NotEqual(address, new Address("akka", "sys"));
        Assert.Equal("sys@host:1", address.HostPort());
        Assert.True(address == new Address("akka.tcp", "sys", "host", 1));
        Assert.True(Address.Comparer.Compare(address, address.WithPort(2)) < 0);
    }

    [Fact]
    public void A_path_has_names_address_and_uid()
    {
        var path = ActorPath.Parse("akka.tcp://sys@host:1/user/a/b#77");
        Assert.Equal(["user", "a", "b"], path.Elements);
        Assert.Equal("b", path.Name);
        Assert.Equal(77, path.Uid);
        Assert.Equal(3, path.Depth);
        Assert.Equal("/user/a/b", path.ToStringWithoutAddress());
        Assert.Equal("akka.tcp://sys@host:1/user/a/b", path.ToString());
        Assert.Equal("akka.tcp://sys@host:1/user/a/b#77", path.ToSerializationFormat());
        Assert.Equal("akka.tcp://sys@host:1/user/a", path.Parent.ToString());
        Assert.Equal(new RootActorPath(path.Address), path.Root);
    }

    [Fact]
    public void A_local_path_takes_the_address_given()
    {
        var path = new RootActorPath(new Address("akka", "sys")) / "user" / "a";
        var address = new Address("akka.tcp", "sys", "host", 1);
        Assert.Equal("akka://sys/user/a", path.ToStringWithAddress());
        Assert.Equal("akka.tcp://sys@host:1/user/a", path.ToStringWithAddress(address));
        Assert.Equal("akka.tcp://sys@host:1/user/a#5", path.WithUid(5).ToSerializationFormatWithAddress(address));
    }

    [Fact]
    public void Paths_are_equal_without_their_uid()
    {
        var root = new RootActorPath(new Address("akka", "sys"));
        Assert.Equal(root / "a" / "b", (root / "a" / "b").WithUid(5));
        Assert.Equal((root / "a" / "b").GetHashCode(), (root / new[] { "a", "b" }).WithUid(5).GetHashCode());
        Assert.NotEqual(root / "a" / "b", root / "a" / "c");
        Assert.NotEqual(root / "a", new RootActorPath(new Address("akka", "other")) / "a");
        Assert.True((root / "a").CompareTo(root / "b") < 0);
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("%C3%A4", true)]
    [InlineData("%zz", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("$a", false)]
    [InlineData("a/b", false)]
    public void Path_elements_are_checked(string? name, bool isValid) => Assert.Equal(isValid, ActorPath.IsValidPathElement(name!));
}
