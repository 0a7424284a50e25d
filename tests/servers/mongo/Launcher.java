import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.net.InetSocketAddress;
import java.util.List;

/** An in-memory server that speaks the MongoDB wire protocol: {@code java -cp … Launcher.java PORT}. */
public final class Launcher {
  /** The versions the library ships with announce wire version 8 at most; current drivers refuse everything below 9. */
  private static final MongoVersion VERSION =
      new MongoVersion() {
        @Override
        public List<Integer> getVersionArray() {
          return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
          return 13;
        }
      };

  public static void main(String[] arguments) throws InterruptedException {
    MongoServer server = new MongoServer(new MemoryBackend().version(VERSION));
    server.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
    System.out.println("ready: " + server.getConnectionString());
    Thread.currentThread().join();
  }
}
