package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MerkleTreeTest {
    @Test
    void everyLeafIsProvenAtItsPlaceAndNowhereElse() {
        for (int size = 1; size <= 20; size++) {
            List<byte[]> leaves = leaves(size);
            MerkleTree tree = new MerkleTree(leaves);
            for (int i = 0; i < size; i++) {
                for (int place = -1; place <= size; place++) {
                    assertThat(MerkleTree.proves(tree.root(), size, place, leaves.get(i), tree.proof(i)))
                            .as("%d leaves, leaf %d at %d", size, i, place)
                            .isEqualTo(i == place);
                }
                assertThat(MerkleTree.proves(tree.root(), size + 1, i, leaves.get(i), tree.proof(i)))
                        .isFalse();
                List<byte[]> longer = new ArrayList<>(tree.proof(i));
                longer.add(new byte[32]);
                assertThat(MerkleTree.proves(tree.root(), size, i, leaves.get(i), longer))
                        .isFalse();
                assertThat(MerkleTree.proves(tree.root(), size, i, new byte[] {77}, tree.proof(i)))
                        .isFalse();
            }
        }
    }

    @Test
    void anInnerNodeIsNoLeaf() {
        List<byte[]> leaves = leaves(2);
        MerkleTree two = new MerkleTree(leaves);
        MerkleTree four = new MerkleTree(leaves(4));
        assertThat(MerkleTree.proves(two.root(), 1, 0, leaves.get(0), List.of()))
                .isFalse();
        assertThat(four.root()).isNotEqualTo(two.root());
    }

    private static List<byte[]> leaves(int count) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leaves.add(new byte[] {(byte) i});
        }
        return leaves;
    }
}
