package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MerkleTreeTest {
    @Test
    void everyLeafIsProvenAtItsPlaceAndNowhereElse() {
        for (int size = 1; size <= 20; size++) {
            List<byte[]> leaves = leaves(size);
            MerkleTree tree = new MerkleTree(leaves);
            for (int i = 0; i < size; i++) {
                byte[] proof = tree.proof(new TreeSet<>(List.of(i)));
                for (int place = -1; place <= size; place++) {
                    assertThat(proves(tree, size, place, leaves.get(i), proof))
                            .as("%d leaves, leaf %d at %d", size, i, place)
                            .isEqualTo(i == place);
                }
                assertThat(proves(tree, size + 1, i, leaves.get(i), proof)).isFalse();
                assertThat(proves(tree, size, i, leaves.get(i), Arrays.copyOf(proof, proof.length + 32)))
                        .isFalse();
                assertThat(proves(tree, size, i, new byte[] {77}, proof)).isFalse();
            }
        }
    }

    /** Any set of leaves; none of it can be another, be missing, or stand elsewhere. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aSetOfLeavesIsProvenAsAWhole(long seed) {
        Random random = new Random(seed);
        int size = 2 + random.nextInt(60);
        List<byte[]> leaves = leaves(size);
        MerkleTree tree = new MerkleTree(leaves);
        SortedMap<Integer, byte[]> some = new TreeMap<>();
        for (int i = 0; i < 1 + random.nextInt(size); i++) {
            int index = random.nextInt(size);
            some.put(index, leaves.get(index));
        }
        byte[] proof = tree.proof(new TreeSet<>(some.keySet()));
        assertThat(MerkleTree.proves(tree.root(), size, some, proof)).isTrue();
        for (int index : some.keySet()) {
            SortedMap<Integer, byte[]> other = new TreeMap<>(some);
            other.put(index, new byte[] {77});
            assertThat(MerkleTree.proves(tree.root(), size, other, proof)).isFalse();
            other.remove(index);
            assertThat(MerkleTree.proves(tree.root(), size, other, proof)).isFalse();
            other.put(size - index - 1, leaves.get(index));
            assertThat(MerkleTree.proves(tree.root(), size, other, proof)).isEqualTo(other.equals(some));
        }
    }

    @Test
    void anInnerNodeIsNoLeaf() {
        List<byte[]> leaves = leaves(2);
        MerkleTree two = new MerkleTree(leaves);
        MerkleTree four = new MerkleTree(leaves(4));
        assertThat(proves(two, 1, 0, leaves.get(0), new byte[0])).isFalse();
        assertThat(four.root()).isNotEqualTo(two.root());
    }

    private static boolean proves(MerkleTree tree, int size, int place, byte[] leaf, byte[] proof) {
        SortedMap<Integer, byte[]> leaves = new TreeMap<>();
        leaves.put(place, leaf);
        return MerkleTree.proves(tree.root(), size, leaves, proof);
    }

    private static List<byte[]> leaves(int count) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leaves.add(new byte[] {(byte) i});
        }
        return leaves;
    }
}
